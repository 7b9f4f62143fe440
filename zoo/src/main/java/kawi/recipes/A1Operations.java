package kawi.recipes;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.graph.HostArray;
import kawi.tensor.Key;
import kawi.tensor.Tensor;

/**
 * Every primitive operation at several shapes and element types against its scalar meaning, the loop over single elements by which it is
 * declared; then the ways to look at a tensor (views, broadcasting, slices, einsum) against loops that are written here.
 */
final class A1Operations implements Demonstration {
    private final long largest;

    A1Operations() {
        this(2000);
    }

    /** With samples of up to so many elements. */
    A1Operations(long largest) {
        this.largest = largest;
    }

    @Override
    public String id() {
        return "A1";
    }

    @Override
    public String sentence() {
        return "every tensor operation, at every element type, agrees with a scalar reference; views and einsum with plain loops";
    }

    @Override
    public void run(Report report) {
        operations(report);
        views(report);
    }

    // Operations

    /** Sums over the samples of one element type. */
    private static final class Row {
        final Set<String> operations = new HashSet<>();
        final Set<String> shapes = new HashSet<>();
        int samples;
        long elements;
        long wrong;
        double error;
    }

    private void operations(Report report) {
        Map<DType, Row> rows = new EnumMap<>(DType.class);
        Row total = new Row();
        for (OpSample s : OpSample.all(largest)) {
            HostArray wanted = s.sample().op().evaluate(s.arrays(), s.sample().result());
            HostArray got = OpSample.array(s.apply(s.tensors()));
            for (Row row : List.of(rows.computeIfAbsent(wanted.dtype(), d -> new Row()), total)) {
                row.operations.add(s.operation());
                row.shapes.add(wanted.shape().toString());
                row.samples++;
                row.elements += wanted.size();
                compare(row, got, wanted);
            }
        }
        report.say(
                "%-6s %10s %8s %8s %10s %8s  %s",
                "result", "operations", "samples", "shapes", "elements", "wrong", "largest error");
        rows.forEach((type, row) -> say(report, type.toString(), row));
        say(report, "all", total);
        report.figure("operations", "operations", total.operations.size(), Reference.atLeast(1));
        report.figure("samples", "samples of them", total.samples, Reference.atLeast(total.operations.size()));
        report.figure("wrong", "elements that differ from the reference", total.wrong, Reference.exactly(0));
    }

    private static void say(Report report, String name, Row row) {
        report.say(
                "%-6s %10d %8d %8d %,10d %8d  %.1e",
                name, row.operations.size(), row.samples, row.shapes.size(), row.elements, row.wrong, row.error);
    }

    /**
     * Whole numbers must be equal. Floating-point ones may differ by the order of a sum and by the last places of a function such as exp,
     * relative to the largest element: some hundred roundings, 2⁻²⁴ or 2⁻⁵³ each.
     */
    private static void compare(Row row, HostArray got, HostArray wanted) {
        boolean floats = wanted.dtype().isFloat();
        double tolerance = switch (wanted.dtype()) {
            case F32 -> 200 * 0x1p-24;
            case F64 -> 200 * 0x1p-53;
            default -> 0; // numbers of 16 bits are only moved and rounded
        };
        double size = 1;
        for (int i = 0; i < wanted.size(); i++) {
            double w = Math.abs(wanted.getDouble(i));
            size = Double.isFinite(w) ? Math.max(size, w) : size;
        }
        for (int i = 0; i < wanted.size(); i++) {
            double w = wanted.getDouble(i);
            if (!floats) {
                row.wrong += got.getLong(i) == wanted.getLong(i) ? 0 : 1;
            } else if (Double.isFinite(w)) {
                double error = Math.abs(got.getDouble(i) - w) / size;
                row.error = Math.max(row.error, error);
                row.wrong += error <= tolerance ? 0 : 1;
            } else {
                row.wrong += Double.compare(got.getDouble(i), w) == 0 ? 0 : 1;
            }
        }
    }

    // Views

    /** Element (i, j) of a result. */
    private interface Element {
        double at(int i, int j);
    }

    /** A result beside what each of its elements must be. */
    private record View(String text, Tensor result, Element element) {
        double error() {
            double[] got = result.toDoubleArray();
            double error = 0;
            for (int i = 0; i < result.dim(0); i++) {
                for (int j = 0; j < result.dim(1); j++) {
                    error = Math.max(error, Math.abs(got[i * result.dim(1) + j] - element.at(i, j)));
                }
            }
            return error;
        }
    }

    private static void views(Report report) {
        Tensor a = Key.of(1).normal(DType.F64, 4, 6).realized(); // row-major: element (i, j) lies at 6i + j
        Tensor b = Key.of(2).normal(DType.F64, 6).realized();
        Tensor c = Key.of(3).normal(DType.F64, 6, 5).realized();
        double[] va = a.toDoubleArray();
        double[] vb = b.toDoubleArray();
        double[] vc = c.toDoubleArray();
        List<View> views = List.of(
                new View("a.t()", a.t(), (i, j) -> va[6 * j + i]),
                new View("a.reshape(8, 3)", a.reshape(8, 3), (i, j) -> va[3 * i + j]),
                new View("a.t().reshape(8, 3)", a.t().reshape(8, 3), (i, j) -> {
                    int n = 3 * i + j; // the number of the element in a.t(), at row n / 4 and column n % 4
                    return va[6 * (n % 4) + n / 4];
                }),
                new View("a.slice(1, 1, 6, 2)", a.slice(1, 1, 6, 2), (i, j) -> va[6 * i + 1 + 2 * j]),
                new View("a.flip(0)", a.flip(0), (i, j) -> va[6 * (3 - i) + j]),
                new View("b.expand(3, 6)", b.expand(3, 6), (i, j) -> vb[j]),
                new View("a.add(b)", a.add(b), (i, j) -> va[6 * i + j] + vb[j]),
                new View("b.unsqueeze(1).mul(b)", b.unsqueeze(1).mul(b), (i, j) -> vb[i] * vb[j]),
                new View("einsum ij,j->ij", Tensor.einsum("ij,j->ij", a, b), (i, j) -> va[6 * i + j] * vb[j]),
                new View(
                        "einsum ij,jk->ik",
                        Tensor.einsum("ij,jk->ik", a, c),
                        (i, k) -> sum(j -> va[6 * i + j] * vc[5 * j + k])),
                new View(
                        "einsum ij,jk,j->ki",
                        Tensor.einsum("ij,jk,j->ki", a, c, b),
                        (k, i) -> sum(j -> va[6 * i + j] * vc[5 * j + k] * vb[j])),
                new View(
                        "einsum ij,kj->ik",
                        Tensor.einsum("ij,kj->ik", a, a),
                        (i, k) -> sum(j -> va[6 * i + j] * va[6 * k + j])));
        report.say("");
        views.forEach(v -> report.say("%-24s %-8s error %.0e", v.text, v.result.shape(), v.error()));
        report.figure("views", "views, broadcasts and einsums against loops", views.size(), Reference.NONE);
        // sums of six products of numbers around 1
        long wrong = views.stream().filter(v -> !(v.error() <= 1e-14)).count();
        report.figure("views_wrong", "of them wrong", wrong, Reference.exactly(0));
    }

    /** Σⱼ over the six columns of a. */
    private static double sum(IntToDoubleFunction term) {
        return IntStream.range(0, 6).mapToDouble(term).sum();
    }
}
