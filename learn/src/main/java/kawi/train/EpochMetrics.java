package kawi.train;

/**
 * What one epoch came to; one line of {@code metrics.jsonl}.
 *
 * @param epoch counted from 1
 * @param steps optimiser steps taken since the start
 * @param trainLoss mean loss over the epoch's training examples, while they were learnt
 * @param trainAccuracy their share that was predicted right
 * @param validationLoss mean loss over the validation examples after the epoch
 * @param validationAccuracy their share that was predicted right
 * @param seconds duration of the training part
 * @param examplesPerSecond training examples a second
 */
public record EpochMetrics(
        int epoch,
        long steps,
        double learningRate,
        double trainLoss,
        double trainAccuracy,
        double validationLoss,
        double validationAccuracy,
        double seconds,
        double examplesPerSecond) {}
