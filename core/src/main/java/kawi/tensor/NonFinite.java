package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kawi.graph.Node;
import kawi.schedule.Engine;

/** Runs a recorded program one operation at a time until a result is not finite. */
final class NonFinite {
    private NonFinite() {}

    static Optional<String> first(Tensor tensor) {
        for (Node node : Engine.get().pending(List.of(tensor.node()))) {
            Tensor result = new Tensor(node);
            if (!node.type().dtype().isFloat() || finite(result)) {
                continue;
            }
            List<String> inputs = new ArrayList<>();
            for (Node in : node.inputs()) {
                inputs.add(range(new Tensor(in)));
            }
            return Optional.of("operation " + node.op().label() + " of "
                    + (inputs.isEmpty() ? "nothing" : String.join(" and ", inputs)));
        }
        return Optional.empty();
    }

    private static boolean finite(Tensor t) {
        return Arrays.stream(t.toDoubleArray()).allMatch(Double::isFinite);
    }

    private static String range(Tensor t) {
        double[] values = t.toDoubleArray();
        double low = Arrays.stream(values).min().orElse(Double.NaN);
        double high = Arrays.stream(values).max().orElse(Double.NaN);
        return String.format(Locale.ROOT, "%s from %.4g to %.4g", t.type(), low, high);
    }
}
