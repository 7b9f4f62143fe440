/** Modules, layers, initialisers and losses. */
@NullMarked
package kawi.nn;

import org.jspecify.annotations.NullMarked;
