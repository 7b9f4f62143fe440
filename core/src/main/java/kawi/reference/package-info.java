/** A slow scalar interpreter of every op: the oracle of the tests, and the fallback. */
@NullMarked
package kawi.reference;

import org.jspecify.annotations.NullMarked;
