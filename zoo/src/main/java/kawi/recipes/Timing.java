package kawi.recipes;

import java.util.Arrays;

/** Times that can be compared: programs take turns, so that what disturbs the machine disturbs all of them alike. */
final class Timing {
    private Timing() {}

    /**
     * The median seconds of each program.
     *
     * @param warmUp rounds that do not count, in which plans are made and code is compiled
     * @param rounds rounds that count
     */
    static double[] interleaved(int warmUp, int rounds, Runnable... programs) {
        double[][] seconds = new double[programs.length][rounds];
        for (int round = -warmUp; round < rounds; round++) {
            for (int k = 0; k < programs.length; k++) {
                long start = System.nanoTime();
                programs[k].run();
                if (round >= 0) {
                    seconds[k][round] = (System.nanoTime() - start) / 1e9;
                }
            }
        }
        return Arrays.stream(seconds).mapToDouble(Timing::median).toArray();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
