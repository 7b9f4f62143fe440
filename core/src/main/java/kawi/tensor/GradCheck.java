package kawi.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import kawi.base.DType;
import kawi.base.KawiException;

/**
 * A gradient compared with central differences, (f(x + h·v) − f(x − h·v)) / 2h along random directions v, at steps h from 10⁻¹ to
 * 10⁻¹². Of a smooth function the error falls as h² until rounding, which grows as 10⁻¹⁶/h, takes over: a V with its lowest point
 * near 10⁻¹¹ (Nocedal, Wright 2006, <em>Numerical optimization</em>, section 8.1). An error that stays the same at all steps is
 * a wrong gradient.
 *
 * @param curve the error at each step, the largest step first
 * @param worst where the gradient is wrong, the elements that differ most; empty if it is right
 */
public record GradCheck(List<Point> curve, List<Element> worst) {
    /** The error above which a gradient counts as wrong. */
    public static final double TOLERANCE = 1e-6;

    private static final int DIRECTIONS = 3;
    /** Of an argument, no more elements than these are compared one by one, and the worst of them told. */
    private static final int ELEMENTS = 500;

    /** A step at which a smooth function is wrong by about 10⁻¹⁰. */
    private static final double ELEMENT_STEP = 1e-5;

    private static final int TOLD = 5;

    /**
     * The error at a step: the difference between the two slopes, over the larger of them, or over a thousandth of the ratio of values
     * to arguments where the slopes are next to nothing. The largest of all directions.
     */
    public record Point(double step, double error) {}

    /** One element of an argument, by its row-major number, with both derivatives by it. */
    public record Element(int argument, int index, double gradient, double difference) {}

    /** Checks the derivative of a function of one tensor; see {@link #of(Function, List)}. */
    public static GradCheck of(Function<Tensor, Tensor> f, Tensor x) {
        return of(xs -> f.apply(xs.getFirst()), List.of(x));
    }

    /**
     * Checks the derivatives of a function by all its arguments, which are floating-point numbers and computed with in {@code F64}. The
     * result may have any shape: the sum of its elements with random weights is differentiated. Random numbers that f draws are the same in all
     * calls.
     */
    public static GradCheck of(Function<List<Tensor>, Tensor> f, List<Tensor> arguments) {
        return Kawi.withStream(0, 0, () -> new Search(f, arguments).result());
    }

    /** The smallest error of any step. */
    public double error() {
        return best().error;
    }

    /** Whether the gradient is right: at some step the error is at most {@link #TOLERANCE}. */
    public boolean passed() {
        return error() <= TOLERANCE;
    }

    private Point best() {
        return curve.stream()
                .min(Comparator.comparingDouble(p -> Double.isNaN(p.error) ? Double.POSITIVE_INFINITY : p.error))
                .orElseThrow();
    }

    /** The verdict, the curve with one mark for each factor of ten, and the worst elements. */
    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                Locale.ROOT,
                "gradCheck: the gradient is %s: it differs from central differences by %.1e at best, at step %.0e%n",
                passed() ? "right" : "WRONG",
                best().error,
                best().step));
        s.append("      step     error\n");
        for (Point p : curve) {
            int decades = p.error > 0 ? (int) Math.round(Math.max(0, 16 + Math.log10(p.error))) : 0;
            s.append(String.format(
                    Locale.ROOT, "  %8.0e  %8.1e  %s%n", p.step, p.error, "#".repeat(Math.min(40, decades))));
        }
        if (!passed()) {
            s.append(advice()).append('\n');
        }
        for (Element e : worst) {
            s.append(String.format(
                    Locale.ROOT,
                    "  argument %d, element %d: gradient %.6g, difference %.6g%n",
                    e.argument,
                    e.index,
                    e.gradient,
                    e.difference));
        }
        return s.toString();
    }

    private String advice() {
        double small = curve.get(curve.size() / 2).error;
        if (Double.isNaN(error()) || Double.isInfinite(error())) {
            return "A value or a slope is not finite here: Kawi.detectAnomalies(true) says where that begins.";
        }
        return error() < 1e-2 && small > 2 * error()
                ? "The error falls at first: f may compute in f32 somewhere, or have a corner near x, such as relu at 0."
                : "The error hardly depends on the step: look for detach, stopGradient, a value read with item() in f, or a rule given to customGradient.";
    }

    /** The computation. */
    private static final class Search {
        private final Function<List<Tensor>, Tensor> f;
        private final List<Tensor> xs = new ArrayList<>();
        private final List<double[]> gradients = new ArrayList<>();
        private final Tensor weights;
        private final double floor;
        private final Key key = Key.of(7);

        Search(Function<List<Tensor>, Tensor> f, List<Tensor> arguments) {
            this.f = f;
            for (Tensor x : arguments) {
                if (!x.dtype().isFloat()) {
                    throw new KawiException(
                            "gradCheck: derivatives are by floating-point numbers, but an argument is %s; cast it with .to(DType.F64)"
                                    .formatted(x.type()));
                }
                xs.add(x.to(DType.F64).detach().realized());
            }
            List<Tensor> tracked = xs.stream().map(Tensor::requiresGrad).toList();
            Tensor y = f.apply(tracked);
            if (!y.dtype().isFloat()) {
                throw new KawiException("gradCheck: f must give floating-point numbers, but gave " + y.type());
            }
            weights = key.fold(0).normal(DType.F64, y.shape().dims());
            List<Tensor> found = y.node().tracked()
                    ? Kawi.vjp(y, weights, tracked)
                    : xs.stream().map(x -> x.mul(0)).toList();
            found.forEach(g -> gradients.add(g.toDoubleArray()));
            double size = xs.stream().mapToDouble(x -> norm(x.toDoubleArray())).sum();
            floor = 1e-3 * norm(y.detach().to(DType.F64).mul(weights).toDoubleArray()) / Math.max(1, size);
        }

        GradCheck result() {
            List<Point> curve = new ArrayList<>();
            for (int power = 1; power <= 12; power++) {
                double step = Math.pow(10, -power);
                double error = 0;
                for (int d = 1; d <= DIRECTIONS; d++) {
                    List<Tensor> v = new ArrayList<>();
                    double slope = 0;
                    for (int a = 0; a < xs.size(); a++) {
                        Tensor direction = key.fold(d)
                                .fold(a)
                                .normal(DType.F64, xs.get(a).shape().dims());
                        v.add(direction);
                        slope += dot(gradients.get(a), direction.toDoubleArray());
                    }
                    error = Math.max(error, error(slope, difference(v, step)));
                }
                curve.add(new Point(step, error));
            }
            GradCheck check = new GradCheck(List.copyOf(curve), List.of());
            return check.passed() ? check : new GradCheck(check.curve, worst());
        }

        private double error(double slope, double difference) {
            double gap = Math.abs(slope - difference);
            return gap == 0 ? 0 : gap / Math.max(Math.max(Math.abs(slope), Math.abs(difference)), floor);
        }

        private double difference(List<Tensor> v, double step) {
            return (value(v, step) - value(v, -step)) / (2 * step);
        }

        private double value(List<Tensor> v, double step) {
            List<Tensor> moved = new ArrayList<>();
            for (int a = 0; a < xs.size(); a++) {
                moved.add(xs.get(a).add(v.get(a).mul(step)));
            }
            return Kawi.withStream(
                    0, 0, () -> f.apply(moved).to(DType.F64).mul(weights).sum().item());
        }

        private List<Element> worst() {
            List<Element> all = new ArrayList<>();
            for (int a = 0; a < xs.size(); a++) {
                double[] g = gradients.get(a);
                for (int i = 0; i < Math.min(g.length, ELEMENTS); i++) {
                    List<Tensor> v = new ArrayList<>();
                    for (int b = 0; b < xs.size(); b++) {
                        double[] unit = new double[gradients.get(b).length];
                        if (a == b) {
                            unit[i] = 1;
                        }
                        v.add(Tensor.of(unit, xs.get(b).shape().dims()));
                    }
                    all.add(new Element(a, i, g[i], difference(v, ELEMENT_STEP)));
                }
            }
            return all.stream()
                    .filter(e -> error(e.gradient, e.difference) > TOLERANCE)
                    .sorted(Comparator.comparingDouble(e -> -Math.abs(e.gradient - e.difference)))
                    .limit(TOLD)
                    .toList();
        }

        private static double norm(double[] a) {
            return Math.sqrt(dot(a, a));
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }
}
