package kawi.evaluate;

/**
 * A configuration that was tried.
 *
 * @param budget what it was given, such as epochs
 * @param score higher is better; NaN for one that failed, which ranks last
 */
public record Trial(Configuration configuration, int budget, double score) {}
