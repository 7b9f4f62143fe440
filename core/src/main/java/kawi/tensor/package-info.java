/** The lazy tensor and the entry points of the library. */
@NullMarked
package kawi.tensor;

import org.jspecify.annotations.NullMarked;
