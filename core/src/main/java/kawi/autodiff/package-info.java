/** Derivatives and batches as transformations of the graph, by the rules that each operation declares. */
@NullMarked
package kawi.autodiff;

import org.jspecify.annotations.NullMarked;
