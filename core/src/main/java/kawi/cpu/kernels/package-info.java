/** Kernels written by hand: matrix products, convolution, pooling, normalisation and scatter. */
@NullMarked
package kawi.cpu.kernels;

import org.jspecify.annotations.NullMarked;
