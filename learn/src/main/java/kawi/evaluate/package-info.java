/** How well a model does on data that it has not seen. */
@NullMarked
package kawi.evaluate;

import org.jspecify.annotations.NullMarked;
