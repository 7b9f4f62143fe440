package kawi.train;

import java.util.List;
import java.util.Map;

/**
 * Where a training stands, down to the next random number: with the weights and the optimiser's slots everything that
 * is needed to go on as if nothing had happened. Stored as {@code state.json}.
 *
 * @param format version of this record
 * @param seed seed of the global stream of random numbers
 * @param drawnKeys keys drawn from it so far
 * @param epoch the epoch under way, counted from 0
 * @param batch the next batch of that epoch
 * @param step optimiser steps taken
 * @param lossSum sum over the examples of the epoch so far
 * @param correct how many of them were predicted right
 * @param seen how many there were
 * @param seconds training time spent in the epoch
 * @param best the best validation accuracy so far
 * @param epochsSinceBest epochs since then
 * @param settings what was asked for, for example the recipe, the learning rate and the batch size
 * @param history metrics of the epochs that are complete
 * @param provenance versions, machine and command
 * @param sha256 checksums of the files beside this one, and under {@code state.json} of this record without that one
 */
public record TrainingState(
        int format,
        long seed,
        long drawnKeys,
        int epoch,
        int batch,
        long step,
        double lossSum,
        long correct,
        long seen,
        double seconds,
        double best,
        int epochsSinceBest,
        Map<String, String> settings,
        List<EpochMetrics> history,
        Map<String, String> provenance,
        Map<String, String> sha256) {
    /** The version that this code writes and reads. */
    public static final int FORMAT = 2;

    /** Where a training begins. */
    static TrainingState start(long seed, long drawnKeys) {
        return new TrainingState(
                FORMAT, seed, drawnKeys, 0, 0, 0, 0, 0, 0, 0, -1, 0, Map.of(), List.of(), Map.of(), Map.of());
    }

    /** After another batch of the epoch under way. */
    TrainingState batch(
            long keys, int batches, long steps, double losses, long right, long examples, double secondsSpent) {
        return new TrainingState(
                format,
                seed,
                keys,
                epoch,
                batches,
                steps,
                losses,
                right,
                examples,
                secondsSpent,
                best,
                epochsSinceBest,
                settings,
                history,
                provenance,
                Map.of());
    }

    /** After the last batch of an epoch. */
    TrainingState epoch(long keys, double bestSoFar, int epochsSince, List<EpochMetrics> epochs) {
        return new TrainingState(
                format,
                seed,
                keys,
                epoch + 1,
                0,
                step,
                0,
                0,
                0,
                0,
                bestSoFar,
                epochsSince,
                settings,
                epochs,
                provenance,
                Map.of());
    }

    /** This state with what was asked for and where. */
    TrainingState with(Map<String, String> asked, Map<String, String> versions) {
        return with(asked, versions, Map.of());
    }

    /** This state with the checksums of the files written with it. */
    TrainingState withChecksums(Map<String, String> sums) {
        return with(settings, provenance, sums);
    }

    private TrainingState with(Map<String, String> asked, Map<String, String> versions, Map<String, String> sums) {
        return new TrainingState(
                format,
                seed,
                drawnKeys,
                epoch,
                batch,
                step,
                lossSum,
                correct,
                seen,
                seconds,
                best,
                epochsSinceBest,
                asked,
                history,
                versions,
                sums);
    }
}
