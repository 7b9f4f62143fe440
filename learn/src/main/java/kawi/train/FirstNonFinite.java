package kawi.train;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import kawi.graph.Site;
import kawi.nn.Module;
import kawi.nn.Trace;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/** Finds the layer and the operation from which the first NaN or infinity of a forward pass comes. */
final class FirstNonFinite {
    private FirstNonFinite() {}

    /** Says where it comes from; the model's running statistics, which the search moves, are put back. */
    static String find(Module model, Tensor x, UnaryOperator<Tensor> loss) {
        Map<Variable, Tensor> before = new IdentityHashMap<>();
        model.state().values().stream()
                .filter(v -> !(v instanceof Parameter))
                .forEach(v -> before.put(v, v.detach().realized()));
        Site.keep("train", true);
        try {
            return search(model, x, loss);
        } finally {
            Site.keep("train", false);
            before.forEach(Variable::assign);
        }
    }

    private static String search(Module model, Tensor x, UnaryOperator<Tensor> loss) {
        for (Map.Entry<String, Parameter> p : model.namedParameters().entrySet()) {
            if (!finite(p.getValue())) {
                return "parameter " + p.getKey() + " is no longer finite, so a gradient of the step before was not";
            }
        }
        if (!finite(x)) {
            return "the input holds values that are not finite";
        }
        Map<Module, String> names = new IdentityHashMap<>();
        model.modules().forEach((path, m) -> names.put(m, path));
        Tensor[] result = new Tensor[1];
        List<Trace.Call> calls = Trace.of(() -> result[0] = loss.apply(model.forward(x)));
        String layer = "the loss, after all layers";
        Tensor bad = result[0];
        for (Trace.Call call : calls) {
            if (!finite(call.output())) {
                layer = "layer " + names.getOrDefault(call.layer(), "") + " (" + call.layer() + ")";
                bad = call.output();
                break;
            }
        }
        if (finite(result[0])) {
            return gradient(model, result[0]);
        }
        return "it begins in " + layer + ", with "
                + Kawi.firstNonFinite(bad).orElse("an operation that gave finite values when run again");
    }

    private static String gradient(Module model, Tensor loss) {
        Map<String, Parameter> parameters = model.namedParameters();
        List<Tensor> gradients = Kawi.grad(loss, List.copyOf(parameters.values()));
        int i = 0;
        for (String name : parameters.keySet()) {
            Tensor g = gradients.get(i++);
            if (!finite(g)) {
                return "the loss is finite, but its gradient by parameter %s is not: %s"
                        .formatted(
                                name,
                                Kawi.firstNonFinite(g).orElse("an operation that gave finite values when run again"));
            }
        }
        return "with an operation that gave finite values when run again";
    }

    private static boolean finite(Tensor t) {
        return !t.dtype().isFloat() || t.isFinite().all().item() != 0;
    }
}
