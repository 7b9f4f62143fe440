/** The interface that a backend implements: compile a kernel, hold a buffer. */
@NullMarked
package kawi.device;

import org.jspecify.annotations.NullMarked;
