package kawi.optim;

import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/** Checks of settings and losses; an error names the method, the setting, its range and what was given. */
final class Require {
    private Require() {}

    /** A number above 0. */
    static double positive(String method, String name, double value) {
        return in(value > 0 && value < Double.POSITIVE_INFINITY, method, name, "is a number above 0", value);
    }

    /** A number from 0 on. */
    static double notNegative(String method, String name, double value) {
        return in(value >= 0 && value < Double.POSITIVE_INFINITY, method, name, "is a number from 0 on", value);
    }

    /** A share of the past to keep: from 0 to below 1. */
    static double decay(String method, String name, double value) {
        return in(value >= 0 && value < 1, method, name, "lies in 0 to below 1", value);
    }

    /** A share of the whole: from 0 to 1. */
    static double share(String method, String name, double value) {
        return in(value >= 0 && value <= 1, method, name, "lies in 0 to 1", value);
    }

    /** A count from 1 on. */
    static long count(String method, String name, long value) {
        if (value < 1) {
            throw new KawiException("%s: %s starts at 1, but %d was given".formatted(method, name, value));
        }
        return value;
    }

    /** The gradients of a loss that depends on some of the parameters at least. */
    static List<Tensor> gradients(String method, Tensor loss, List<Parameter> parameters) {
        List<Tensor> gradients = Kawi.grad(loss, parameters);
        if (!Kawi.depends(loss, parameters)) {
            throw new KawiException(
                    "%s: the loss depends on none of the %d parameters, so nothing can be learned from it. Usual reasons: item() or detach() between them and the loss; they are another model's; only operations without derivatives, such as argmax, lie between; or the loss was computed before they were changed last"
                            .formatted(method, parameters.size()));
        }
        return gradients;
    }

    private static double in(boolean inside, String method, String name, String range, double value) {
        if (!inside) {
            throw new KawiException("%s: %s %s, but %s was given".formatted(method, name, range, value));
        }
        return value;
    }
}
