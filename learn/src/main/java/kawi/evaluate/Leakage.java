package kawi.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * Looks for ways in which test examples are known in training already, so that the score on them says little about new ones.
 *
 * <pre>{@code
 * Leakage found = Leakage.of(split).duplicates(x).nearDuplicates(x, 0.01).groups(patient).timeOrder(date);
 * found.refuse();                  // or look at findings()
 * }</pre>
 *
 * What was fitted on the test part before the split, such as means, leaks as well; {@code kawi.data.table.Training} does not let that happen.
 */
public final class Leakage {
    private static final int BLOCK = 512;

    private final Split split;
    private final List<Finding> findings = new ArrayList<>();

    private Leakage(Split split) {
        this.split = split;
    }

    /**
     * A test example that is known in training.
     *
     * @param kind such as {@code duplicate}
     * @param test its number
     * @param train the number of a training example that tells of it
     */
    public record Finding(String kind, int test, int train) {}

    /** An examination of a split that has found nothing so far. */
    public static Leakage of(Split split) {
        return new Leakage(split);
    }

    /** Test examples all of whose features equal those of a training example; {@code x [n, features]}, NaN equal to NaN. Returns this. */
    public Leakage duplicates(Tensor x) {
        double[] values = features(x);
        int d = x.dim(1);
        Map<List<Double>, Integer> known = new HashMap<>();
        for (int i : split.train()) {
            known.putIfAbsent(row(values, d, i), i);
        }
        for (int i : split.test()) {
            Integer twin = known.get(row(values, d, i));
            if (twin != null) {
                findings.add(new Finding("duplicate", i, twin));
            }
        }
        return this;
    }

    private static List<Double> row(double[] values, int d, int i) {
        return Arrays.stream(values, i * d, (i + 1) * d)
                .map(v -> v + 0.0) // −0 is 0
                .boxed()
                .toList();
    }

    /**
     * Test examples that lie close to a training example without being equal to it: the root mean square difference of their features, each in units of its
     * standard deviation in training, is at most {@code within}. Features that are constant in training count only where they differ. Returns this.
     *
     * @param x {@code [n, features]}, finite
     */
    public Leakage nearDuplicates(Tensor x, double within) {
        if (!(within > 0)) {
            throw new KawiException("nearDuplicates: the distance must be above 0, but is " + within);
        }
        double[] raw = features(x);
        if (Arrays.stream(raw).anyMatch(v -> !Double.isFinite(v))) {
            throw new KawiException("nearDuplicates: features must be finite; impute what is missing first");
        }
        if (split.train().length == 0 || x.dim(1) == 0) {
            return this;
        }
        Tensor all = x.to(DType.F64);
        Tensor train = all.take(0, Tensor.of(split.train()));
        Tensor deviation = train.std(0, 0);
        Tensor scale = deviation.maskedFill(deviation.eq(0), 1);
        Tensor centre = train.mean(0);
        double[] z = all.sub(centre).div(scale).toDoubleArray();
        int d = x.dim(1);
        double limit = within * within * d;
        Tensor known = rows(z, d, split.train());
        Tensor squares = known.square().sum(1);
        int[] test = split.test();
        for (int from = 0; from < test.length; from += BLOCK) {
            int[] some = Arrays.copyOfRange(test, from, Math.min(from + BLOCK, test.length));
            Tensor block = rows(z, d, some);
            // ‖a − b‖² = ‖a‖² + ‖b‖² − 2aᵀb cancels, so it only proposes a neighbour, which is then measured
            Tensor distances = squares.sub(block.matmul(known.t()).mul(2));
            int[] nearest = distances.argmin(1).toIntArray();
            for (int k = 0; k < some.length; k++) {
                int twin = split.train()[nearest[k]];
                double distance = 0;
                for (int j = 0; j < d; j++) {
                    distance += Math.pow(z[some[k] * d + j] - z[twin * d + j], 2);
                }
                if (distance > 0 && distance <= limit) {
                    findings.add(new Finding("near-duplicate", some[k], twin));
                }
            }
        }
        return this;
    }

    private static Tensor rows(double[] z, int d, int[] numbers) {
        double[] picked = new double[numbers.length * d];
        for (int i = 0; i < numbers.length; i++) {
            System.arraycopy(z, numbers[i] * d, picked, i * d, d);
        }
        return Tensor.of(picked, numbers.length, d);
    }

    private double[] features(Tensor x) {
        int largest = split.largest();
        if (x.rank() != 2 || x.dim(0) <= largest) {
            throw new KawiException(
                    "Leakage: features [n, d] with n above %d are needed for this split, but have shape %s"
                            .formatted(largest, x.shape()));
        }
        return x.toDoubleArray();
    }

    /** Test examples whose group, such as the patient, occurs in training. Returns this. */
    public Leakage groups(int[] groups) {
        oneForEach("groups", groups.length);
        Map<Integer, Integer> known = new HashMap<>();
        for (int i : split.train()) {
            known.putIfAbsent(groups[i], i);
        }
        for (int i : split.test()) {
            Integer member = known.get(groups[i]);
            if (member != null) {
                findings.add(new Finding("group", i, member));
            }
        }
        return this;
    }

    /** Test examples that are not later than the latest training example. Returns this. */
    public Leakage timeOrder(double[] times) {
        oneForEach("times", times.length);
        for (int i = 0; i < times.length; i++) {
            if (Double.isNaN(times[i])) {
                throw new KawiException(
                        "timeOrder: the time of example %d is NaN, which is neither before nor after".formatted(i));
            }
        }
        int latest = -1;
        for (int i : split.train()) {
            latest = latest < 0 || times[i] > times[latest] ? i : latest;
        }
        for (int i : split.test()) {
            if (latest >= 0 && !(times[i] > times[latest])) {
                findings.add(new Finding("time", i, latest));
            }
        }
        return this;
    }

    private void oneForEach(String what, int count) {
        if (count <= split.largest()) {
            throw new KawiException("Leakage: there are %d %s, but the split has an example %d, counted from 0"
                    .formatted(count, what, split.largest()));
        }
    }

    /** What was found, in the order of the examinations. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** Whether nothing was found. */
    public boolean clean() {
        return findings.isEmpty();
    }

    /** Throws where anything was found: says how much of each kind, and an example. */
    public void refuse() {
        if (!clean()) {
            throw new KawiException(
                    "leakage: " + this
                            + ". Split by groups or time (Splits.grouped, Splits.timeOrdered), or drop the copies before splitting");
        }
    }

    /** One line for what was found. */
    @Override
    public String toString() {
        Set<String> kinds = new LinkedHashSet<>();
        findings.forEach(f -> kinds.add(f.kind));
        List<String> parts = new ArrayList<>();
        for (String kind : kinds) {
            List<Finding> some =
                    findings.stream().filter(f -> f.kind.equals(kind)).toList();
            parts.add("%s: %d of %d test examples, such as %d by training example %d"
                    .formatted(kind, some.size(), split.test().length, some.getFirst().test, some.getFirst().train));
        }
        return parts.isEmpty() ? "nothing found" : String.join("; ", parts);
    }
}
