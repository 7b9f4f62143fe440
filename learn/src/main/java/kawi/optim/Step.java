package kawi.optim;

import java.util.Map;
import kawi.base.KawiException;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;
import org.jspecify.annotations.Nullable;

/** One step of one parameter, as a method's {@link Optimizer#next} sees it: the rate, the step's number, and what the method keeps. */
public final class Step {
    private final Update update;
    private final Map<String, Variable> slots;
    private final Group group;
    private final long number;
    private final @Nullable Tensor touched;

    Step(Update update, Map<String, Variable> slots, Group group, long number, @Nullable Tensor touched) {
        this.update = update;
        this.slots = slots;
        this.group = group;
        this.number = number;
        this.touched = touched;
    }

    /** The learning rate η of this step. */
    public double rate() {
        return group.rate(number - 1);
    }

    /** The step's number t, counted from 1. */
    public long number() {
        return number;
    }

    /** Weight decay λ, for methods that say {@link Optimizer#decaysItself}; for the others it is in the gradient or the parameter already. */
    public double weightDecay() {
        return group.weightDecay();
    }

    /** What is kept under a name, as the step before left it. */
    public Tensor get(String slot) {
        return variable(slot);
    }

    /** Keeps a tensor of the parameter's shape under a name from this step on, and returns it. */
    public Tensor set(String slot, Tensor next) {
        update.set(variable(slot), moved(variable(slot), next));
        return next;
    }

    /** The new value, but in rows that the step does not touch the old one. */
    Tensor moved(Tensor old, Tensor next) {
        return touched == null ? next : Tensor.where(touched, next, old);
    }

    private Variable variable(String slot) {
        Variable v = slots.get(slot);
        if (v == null) {
            throw new KawiException(
                    "the optimiser keeps %s for each parameter, but no \"%s\"; a setting that changes what is kept comes before the first step"
                            .formatted(slots.keySet(), slot));
        }
        return v;
    }
}
