/** Honest evaluation: splits, metrics, confidence intervals, checks for leakage, and the search for settings. */
@NullMarked
package kawi.evaluate;

import org.jspecify.annotations.NullMarked;
