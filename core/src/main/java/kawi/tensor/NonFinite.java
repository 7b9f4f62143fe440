package kawi.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Site;
import kawi.graph.Source;
import kawi.schedule.Engine;

/**
 * Runs a recorded program one operation at a time, to find the first that makes a NaN out of numbers or an infinity out of finite
 * ones. What is asked for again and again, such as −∞ in a mask, is a constant and no finding.
 */
final class NonFinite {
    private final Map<Node, Range> ranges = new IdentityHashMap<>();

    private NonFinite() {}

    /** What a value holds. */
    private record Range(double low, double high, long nans, long infinities, long size) {
        boolean finite() {
            return nans + infinities == 0;
        }

        @Override
        public String toString() {
            String counts = (nans > 0 ? ", %d of %d NaN".formatted(nans, size) : "")
                    + (infinities > 0 ? ", %d of %d infinite".formatted(infinities, size) : "");
            return nans + infinities == size && size > 0
                    ? counts.substring(2)
                    : size == 0 ? "empty" : String.format(Locale.ROOT, "from %.4g to %.4g%s", low, high, counts);
        }
    }

    /** An operation that remains to be run, with what it reads: that is forgotten when it has run. */
    private record Pending(Node node, Node[] inputs) {}

    /** The first operation whose result is not finite, if that of the tensor is not. */
    static Optional<String> first(Tensor tensor) {
        List<Pending> pending = pending(List.of(tensor.node()));
        NonFinite search = new NonFinite();
        Optional<String> maker = search.maker(pending);
        if (maker.isPresent()) {
            return maker;
        }
        for (Pending p : pending) {
            if (!search.range(p.node).finite() && !(p.node.op() instanceof Source.Constant)) {
                return Optional.of(search.description(p, why(p.node)));
            }
        }
        return Optional.empty();
    }

    /** Gives the nodes their values; throws where an operation makes a NaN or an infinity, or a result is NaN because of a given one. */
    static void check(List<Node> wanted) {
        List<Pending> pending = pending(wanted);
        NonFinite search = new NonFinite();
        Optional<String> found = search.maker(pending);
        if (found.isEmpty() && wanted.stream().anyMatch(n -> search.range(n).nans > 0)) {
            found = pending.stream()
                    .filter(p -> search.range(p.node).nans > 0)
                    .findFirst()
                    .map(p -> search.description(p, "the NaN is among the values that it was given: look at the data"));
        }
        found.ifPresent(text -> {
            throw new KawiException("detectAnomalies: " + text);
        });
    }

    private static List<Pending> pending(List<Node> wanted) {
        return Engine.get().pending(wanted).stream()
                .map(n -> new Pending(n, n.inputs()))
                .toList();
    }

    private Optional<String> maker(List<Pending> pending) {
        for (Pending p : pending) {
            Range result = range(p.node);
            if (result.finite() || p.node.op() instanceof Source.Constant) {
                continue;
            }
            boolean nans = false;
            boolean infinities = false;
            for (Node in : p.inputs) {
                Range r = range(in);
                nans |= r.nans > 0;
                infinities |= r.infinities > 0;
            }
            if (result.nans > 0 && !nans || result.infinities > 0 && !infinities && !nans) {
                return Optional.of(description(p, why(p.node)));
            }
        }
        return Optional.empty();
    }

    private String description(Pending p, String why) {
        Site site = p.node.site();
        List<String> inputs = new ArrayList<>();
        for (Node in : p.inputs) {
            Site from = in.site();
            inputs.add("%s %s%s".formatted(in.type(), range(in), from == null ? "" : ", recorded at " + from.place()));
        }
        Range r = range(p.node);
        String makes = r.nans > 0 ? "NaN in %d".formatted(r.nans) : "an infinity in %d".formatted(r.infinities);
        StringBuilder text = new StringBuilder();
        text.append("operation %s makes %s of %d elements".formatted(p.node.op().label(), makes, r.size));
        text.append(site == null ? "" : "\n  recorded at " + site);
        inputs.forEach(in -> text.append("\n  operand: ").append(in));
        return text.append(why.isEmpty() ? "" : "\n  " + why).toString();
    }

    private static String why(Node node) {
        Node derived = node.site() == null ? null : node.site().derived();
        String of = derived == null ? "" : why(derived.op().label());
        if (of.isEmpty() && node.type().dtype().isHalf()) {
            return "the number is too large for %s, which ends at %s; keep it in f32"
                    .formatted(node.type().dtype(), node.type().dtype() == DType.F16 ? "65504" : "3.39e38");
        }
        return of.isEmpty() ? why(node.op().label()) : of;
    }

    /** How an operation comes to it, and what helps. */
    private static String why(String operation) {
        return switch (operation) {
            case "log" ->
                "log is NaN below 0 and −∞ at 0: keep its operand positive, with clamp(1e-7, …), or use logSoftmax, log1p, softplus; in the branch that a where does not take it is computed as well: choose a harmless operand with where before it";
            case "sqrt" -> "sqrt is NaN below 0, and its derivative is infinite at 0: add a small number before it";
            case "div", "reciprocal" ->
                "x/0 is infinite and 0/0 NaN: add a small number to the divisor, or choose another one with Tensor.where before dividing";
            case "exp", "expm1", "sinh", "cosh" ->
                "exp overflows above 88.7 in f32: use softmax, logSumExp or sigmoid, which subtract the largest first, or make its operand smaller";
            case "pow" ->
                "a negative number has no real power with a fraction, and 0 none below 0: take abs() or clamp first";
            case "mul" ->
                "0 · ∞ is NaN, and products of large numbers overflow: look for what makes the operands so large";
            case "add", "sub", "sum" ->
                "∞ − ∞ is NaN, and sums of large numbers overflow: look for what makes the operands so large";
            case "matmul", "conv2d" ->
                "products of large numbers overflow: a smaller learning rate, clipped gradients or smaller first weights keep them small";
            case "cast" -> "the number is too large for the element type: f32 ends at 3.4e38";
            default -> "";
        };
    }

    private Range range(Node node) {
        return ranges.computeIfAbsent(node, NonFinite::measure);
    }

    private static Range measure(Node node) {
        if (!node.type().dtype().isFloat()) {
            return new Range(0, 0, 0, 0, node.type().shape().size());
        }
        HostArray a = Reading.host(new Tensor(node));
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        long nans = 0;
        long infinities = 0;
        for (int i = 0; i < a.size(); i++) {
            double x = a.getDouble(i);
            if (Double.isNaN(x)) {
                nans++;
            } else if (Double.isInfinite(x)) {
                infinities++;
            } else {
                low = Math.min(low, x);
                high = Math.max(high, x);
            }
        }
        return new Range(low, high, nans, infinities, a.size());
    }
}
