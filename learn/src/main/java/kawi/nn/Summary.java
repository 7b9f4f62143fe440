package kawi.nn;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kawi.base.Shape;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.ReceptiveField;
import kawi.tensor.Tensor;

/**
 * The layers of a module in the order of their calls, with what each costs.
 *
 * @param rows one for each call of a layer
 * @param parameters of the whole module, each counted once
 * @param multiplyAdds of all calls
 * @param activationBytes of the outputs of all calls: what training keeps
 * @param peakBytes of intermediate results that are alive at once when only the output is computed, with fusion
 */
public record Summary(List<Row> rows, long parameters, long multiplyAdds, long activationBytes, long peakBytes) {
    /**
     * One call of a layer.
     *
     * @param units outputs for one example
     * @param parameters of the layer, where it is not called for the second time
     * @param multiplyAdds connections: what the layer multiplies and adds for the batch
     * @param activationBytes of its output
     * @param receptiveField rows × columns of the input that one output depends on, {@code all}, or nothing where the input is no image
     */
    public record Row(
            String name,
            String layer,
            Shape output,
            long units,
            long parameters,
            long multiplyAdds,
            long activationBytes,
            String receptiveField) {}

    /** Calls a module on zeros of the given shape, the batch first, and notes every layer; nothing is computed. */
    public static Summary of(Module module, int... inputShape) {
        Map<Module, String> names = new IdentityHashMap<>();
        module.modules().forEach((path, m) -> names.put(m, path));
        List<Module> training =
                module.modules().values().stream().filter(Module::training).toList();
        module.eval();
        List<Row> rows = new ArrayList<>();
        Set<Parameter> counted = new HashSet<>();
        Tensor input = Tensor.zeros(inputShape).realized();
        Tensor[] result = new Tensor[1];
        try {
            for (Trace.Call call : Trace.of(() -> result[0] = module.forward(input))) {
                Tensor output = call.output();
                Shape shape = output.shape();
                long own = call.layer().parameters().stream()
                        .filter(counted::add)
                        .mapToLong(Tensor::size)
                        .sum();
                rows.add(new Row(
                        names.getOrDefault(call.layer(), ""),
                        call.layer().toString(),
                        shape,
                        shape.product(Math.min(1, shape.rank()), shape.rank()),
                        own,
                        call.layer().multiplyAdds(call.input().shape(), shape),
                        output.size() * output.dtype().bytes(),
                        field(input, output)));
            }
        } finally {
            training.forEach(m -> m.training(true)); // parts that were frozen stay so
        }
        return new Summary(
                List.copyOf(rows),
                module.parameterCount(),
                rows.stream().mapToLong(Row::multiplyAdds).sum(),
                rows.stream().mapToLong(Row::activationBytes).sum(),
                Kawi.intermediateBytes(result[0]));
    }

    private static String field(Tensor input, Tensor output) {
        return input.rank() != 4
                ? ""
                : ReceptiveField.of(input, output)
                        .map(r -> r.height() + "×" + r.width())
                        .orElse("all");
    }

    /** A table for people. */
    @Override
    public String toString() {
        List<String[]> table = new ArrayList<>();
        table.add(
                new String[] {"name", "layer", "output", "units", "parameters", "multiply-adds", "activations", "field"
                });
        for (Row r : rows) {
            table.add(new String[] {
                r.name,
                r.layer,
                r.output.toString(),
                number(r.units),
                number(r.parameters),
                number(r.multiplyAdds),
                number(r.activationBytes),
                r.receptiveField
            });
        }
        long units = rows.stream().mapToLong(Row::units).sum();
        table.add(new String[] {
            "total", "", "", number(units), number(parameters), number(multiplyAdds), number(activationBytes), ""
        });
        StringBuilder s = new StringBuilder();
        for (String[] line : table) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < line.length; c++) {
                int column = c;
                int width =
                        table.stream().mapToInt(l -> l[column].length()).max().orElse(0);
                text.append(String.format(Locale.ROOT, "%" + (c < 3 ? "-" : "") + Math.max(1, width) + "s  ", line[c]));
            }
            s.append(text.toString().stripTrailing()).append(System.lineSeparator());
        }
        long listed = rows.stream().mapToLong(Row::parameters).sum();
        if (listed < parameters) {
            s.append(String.format(
                    Locale.ROOT,
                    "%s parameters lie in layers that are not listed, because their forward does not return traced(input, output)%n",
                    number(parameters - listed)));
        }
        return s.append(String.format(
                        Locale.ROOT,
                        "activations in bytes; computing the output alone holds %s bytes of intermediate results at once%n",
                        number(peakBytes)))
                .toString();
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
