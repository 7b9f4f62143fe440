/** Files of weights, and files that are written completely or not at all. */
@NullMarked
package kawi.io;

import org.jspecify.annotations.NullMarked;
