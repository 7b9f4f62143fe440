/** Optimisers and learning-rate schedules. */
@NullMarked
package kawi.optim;

import org.jspecify.annotations.NullMarked;
