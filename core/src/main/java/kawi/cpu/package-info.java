/** The CPU backend, found by {@link java.util.ServiceLoader}. */
@NullMarked
package kawi.cpu;

import org.jspecify.annotations.NullMarked;
