/** Shapes, dtypes, errors and other values that every layer of the engine shares. */
@NullMarked
package kawi.base;

import org.jspecify.annotations.NullMarked;
