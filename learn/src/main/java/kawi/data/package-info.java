/** Data sets: where they are found, how they are read, and how they become batches. */
@NullMarked
package kawi.data;

import org.jspecify.annotations.NullMarked;
