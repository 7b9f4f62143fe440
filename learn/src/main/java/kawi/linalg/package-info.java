/** Linear algebra on batches of matrices, differentiable to any order. */
@NullMarked
package kawi.linalg;

import org.jspecify.annotations.NullMarked;
