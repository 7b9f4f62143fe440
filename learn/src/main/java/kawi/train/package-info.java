/** Training: the loop, metrics, checkpoints. */
@NullMarked
package kawi.train;

import org.jspecify.annotations.NullMarked;
