/** Results that can be run, one class each. */
@NullMarked
package kawi.recipes;

import org.jspecify.annotations.NullMarked;
