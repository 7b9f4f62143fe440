package kawi.evaluate;

/** The numbers of the examples to train on and of those to test on. */
public record Split(int[] train, int[] test) {}
