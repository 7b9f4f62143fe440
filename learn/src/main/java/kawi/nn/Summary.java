package kawi.nn;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kawi.base.Shape;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** The layers of a module in the order of their calls, with what each costs. */
public record Summary(List<Row> rows, long parameters, long multiplyAdds) {
    /** One call of a layer. */
    public record Row(String name, String layer, Shape output, long parameters, long multiplyAdds) {}

    /** Calls a module on zeros of the given shape and notes every layer; nothing is computed. */
    public static Summary of(Module module, int... inputShape) {
        Map<Module, String> names = new IdentityHashMap<>();
        module.modules().forEach((path, m) -> names.put(m, path));
        boolean training = module.training();
        module.eval();
        List<Row> rows = new ArrayList<>();
        Set<Parameter> counted = new HashSet<>();
        try {
            for (Trace.Call call : Trace.of(() -> module.forward(Tensor.zeros(inputShape)))) {
                Shape output = call.output().shape();
                long own = call.layer().parameters().stream()
                        .filter(counted::add)
                        .mapToLong(Tensor::size)
                        .sum();
                rows.add(new Row(
                        names.getOrDefault(call.layer(), ""),
                        call.layer().toString(),
                        output,
                        own,
                        call.layer().multiplyAdds(call.input().shape(), output)));
            }
        } finally {
            if (training) {
                module.train();
            }
        }
        return new Summary(
                rows,
                module.parameterCount(),
                rows.stream().mapToLong(Row::multiplyAdds).sum());
    }

    /** A table for people. */
    @Override
    public String toString() {
        int name = "name".length();
        int layer = "layer".length();
        int shape = "output".length();
        for (Row r : rows) {
            name = Math.max(name, r.name.length());
            layer = Math.max(layer, r.layer.length());
            shape = Math.max(shape, r.output.toString().length());
        }
        String format = "%-" + name + "s  %-" + layer + "s  %-" + shape + "s  %12s  %14s%n";
        StringBuilder s = new StringBuilder();
        s.append(String.format(Locale.ROOT, format, "name", "layer", "output", "parameters", "multiply-adds"));
        for (Row r : rows) {
            s.append(String.format(
                    Locale.ROOT, format, r.name, r.layer, r.output, number(r.parameters), number(r.multiplyAdds)));
        }
        s.append(String.format(Locale.ROOT, format, "total", "", "", number(parameters), number(multiplyAdds)));
        return s.toString();
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
