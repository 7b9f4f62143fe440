/** Measurements side by side with other frameworks. */
@NullMarked
package kawi.bench;

import org.jspecify.annotations.NullMarked;
