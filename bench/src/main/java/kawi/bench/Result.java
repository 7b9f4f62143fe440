package kawi.bench;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one case against one peer.
 *
 * @param kawi milliseconds a run, one for each round
 * @param peer the same for the peer, in the same rounds; empty without a peer
 * @param difference largest relative difference between the outputs
 * @param kawiPeak MiB, or NaN where processes are shared
 * @param failure why there are no figures, or null
 */
record Result(
        Case item,
        @Nullable Peer against,
        double[] kawi,
        double[] peer,
        double difference,
        double kawiPeak,
        double peerPeak,
        @Nullable String failure) {

    static Result failed(Case item, @Nullable Peer against, String why) {
        return new Result(item, against, new double[0], new double[0], Double.NaN, Double.NaN, Double.NaN, why);
    }

    double kawiMillis() {
        return Statistics.median(kawi);
    }

    double peerMillis() {
        return Statistics.median(peer);
    }

    /** Peer time / Kawi time, round by round. */
    double[] ratios() {
        double[] r = new double[Math.min(kawi.length, peer.length)];
        Arrays.setAll(r, i -> peer[i] / kawi[i]);
        return r;
    }

    /** Median of the ratios: above 1, Kawi is faster. */
    double ratio() {
        return Statistics.median(ratios());
    }
}
