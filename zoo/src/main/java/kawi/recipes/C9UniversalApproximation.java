package kawi.recipes;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.tensor.Tensor;

/**
 * One hidden layer comes as near to a continuous function as one likes (Cybenko 1989; Hornik, Stinchcombe and White 1989). Two constructions that can be seen
 * through. A difference of two steep sigmoids is a tower; towers of the function's height side by side miss it by half its rise over a tower's width, so the
 * largest error falls as 1/n. A sum of ReLUs is a line with elbows; a line through n points of the function misses it by h²/8·max|f″|, which falls as 1/n².
 */
final class C9UniversalApproximation implements Demonstration {
    private static final int[] COUNTS = {8, 16, 32, 64, 128, 256};

    @Override
    public String id() {
        return "C9";
    }

    @Override
    public String sentence() {
        return "universal approximation: towers of sigmoids and elbows of ReLUs come nearer as they multiply";
    }

    /** sin 2πx + x²/2 on 0 … 1. */
    private static double f(double x) {
        return Math.sin(2 * Math.PI * x) + x * x / 2;
    }

    /** The largest |f′| and |f″|. */
    private static final double STEEPEST = 2 * Math.PI + 1;

    private static final double MOST_CURVED = 4 * Math.PI * Math.PI + 1;

    @Override
    public void run(Report report) {
        Tensor x = Tensor.linspace(0, 1, 20_001).to(DType.F64);
        Tensor wanted = Tensor.of(map(x.toDoubleArray(), C9UniversalApproximation::f));
        double[] counts = IntStream.of(COUNTS).asDoubleStream().toArray();
        double[] towerErrors = map(
                counts, n -> towers((int) n).forward(x).sub(wanted).abs().max().item());
        double[] elbowErrors = map(
                counts, n -> elbows((int) n).forward(x).sub(wanted).abs().max().item());
        double[] towerBound = map(counts, n -> STEEPEST / n);
        double[] elbowBound = map(counts, n -> MOST_CURVED / 8 / (n * n));
        for (int i = 0; i < counts.length; i++) {
            report.say(
                    "%4.0f: largest error %.2e of towers, %.2e of elbows", counts[i], towerErrors[i], elbowErrors[i]);
        }
        report.figure(
                "towers_slope",
                "towers: the largest error falls as n to this power",
                Closeness.slope(counts, towerErrors),
                Reference.near(-1, 0.1));
        report.figure(
                "elbows_slope", "elbows: the same", Closeness.slope(counts, elbowErrors), Reference.near(-2, 0.1));
        report.figure(
                "below_bounds",
                "errors below their bounds, of 12",
                IntStream.range(0, counts.length)
                        .map(i -> (towerErrors[i] <= towerBound[i] ? 1 : 0) + (elbowErrors[i] <= elbowBound[i] ? 1 : 0))
                        .sum(),
                Reference.exactly(12));
        report.picture(
                "errors",
                Plot.of("One hidden layer against sin 2πx + x²/2", "towers or elbows n", "largest error")
                        .logX()
                        .logY()
                        .line("towers of sigmoids", counts, towerErrors)
                        .line("max|f′|/n", counts, towerBound)
                        .line("elbows of ReLUs", counts, elbowErrors)
                        .line("max|f″|/8n²", counts, elbowBound));
        report.picture(
                "fits",
                Plot.of("A dozen towers and eight elbows", "x", "y")
                        .line("function", x, wanted)
                        .line("12 towers", x, towers(12).forward(x))
                        .line("8 elbows", x, elbows(8).forward(x)));
    }

    /** x ↦ Σ height·σ(slope·(x − place)) + bias, or with ReLU in place of σ. */
    private record HiddenLayer(Tensor slopes, Tensor places, Tensor heights, double bias, boolean relu) {
        Tensor forward(Tensor x) {
            Tensor z = x.unsqueeze(1).sub(places).mul(slopes);
            return (relu ? z.relu() : z.sigmoid()).matmul(heights).add(bias);
        }
    }

    /** On each of n intervals a tower as high as f in its middle: up with one sigmoid, down with another. */
    private static HiddenLayer towers(int n) {
        double[] places = new double[2 * n];
        double[] heights = new double[2 * n];
        for (int k = 0; k < n; k++) {
            // The outermost walls stand off the interval, where they are not seen.
            places[2 * k] = k == 0 ? -1 : (double) k / n;
            places[2 * k + 1] = k == n - 1 ? 2 : (k + 1.0) / n;
            heights[2 * k] = f((k + 0.5) / n);
            heights[2 * k + 1] = -heights[2 * k];
        }
        Tensor steep = Tensor.full(40.0 * n, DType.F64, 2 * n);
        return new HiddenLayer(steep, Tensor.of(places), Tensor.of(heights), 0, false);
    }

    /** The line through f at k/n: a ReLU at each place turns it by the difference of the slopes there. */
    private static HiddenLayer elbows(int n) {
        double[] places = IntStream.range(0, n).mapToDouble(k -> (double) k / n).toArray();
        double[] slopes = map(places, x -> (f(x + 1.0 / n) - f(x)) * n);
        double[] turns = IntStream.range(0, n)
                .mapToDouble(k -> k == 0 ? slopes[0] : slopes[k] - slopes[k - 1])
                .toArray();
        return new HiddenLayer(Tensor.ones(DType.F64, n), Tensor.of(places), Tensor.of(turns), f(0), true);
    }

    private static double[] map(double[] values, DoubleUnaryOperator f) {
        return Arrays.stream(values).map(f).toArray();
    }
}
