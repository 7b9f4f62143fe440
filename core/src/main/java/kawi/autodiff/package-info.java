/** Derivatives as graph-to-graph rules. */
@NullMarked
package kawi.autodiff;

import org.jspecify.annotations.NullMarked;
