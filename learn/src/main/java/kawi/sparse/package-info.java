/** Sparse matrices: products with dense ones, rows, and files of the LIBSVM format. */
@NullMarked
package kawi.sparse;

import org.jspecify.annotations.NullMarked;
