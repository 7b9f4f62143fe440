package kawi.optim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters so that a loss becomes smaller. {@link #step} differentiates the loss and moves every parameter in
 * one planned run. A new method is one subclass: the state it keeps for each parameter and its {@link #update}.
 */
public abstract class Optimizer {
    private final List<Parameter> parameters;
    private final Map<Parameter, List<Variable>> slots = new LinkedHashMap<>();
    private final int slotsEach;
    private Schedule schedule;
    private @Nullable Double maxNorm;
    private boolean inPlace;
    private long steps;

    /**
     * An optimiser of some parameters.
     *
     * @param slotsEach how many variables of a parameter's shape, starting at 0, the method keeps for each
     */
    protected Optimizer(Collection<Parameter> parameters, Schedule schedule, int slotsEach) {
        if (parameters.isEmpty()) {
            throw new KawiException(getClass().getSimpleName()
                    + ": there are no parameters to train; are the layers fields of the module?");
        }
        this.parameters = List.copyOf(parameters);
        this.schedule = schedule;
        this.slotsEach = slotsEach;
        for (Parameter p : this.parameters) {
            List<Variable> own = new ArrayList<>();
            for (int i = 0; i < slotsEach; i++) {
                own.add(new Variable(Tensor.zeros(p.dtype(), p.shape().dims())));
            }
            slots.put(p, own);
        }
    }

    /** The learning rate of a fixed number, checked. */
    protected static Schedule rate(double learningRate) {
        return Schedule.constant(learningRate);
    }

    /** Follows a schedule of learning rates from now on. Returns this. */
    public Optimizer schedule(Schedule schedule) {
        this.schedule = schedule;
        return this;
    }

    /** Scales all gradients down together where their joint Euclidean norm passes {@code max} (Pascanu et al. 2013). Returns this. */
    public Optimizer clipNorm(double max) {
        if (!(max > 0)) {
            throw new KawiException("clipNorm: the largest norm must be above 0, but " + max + " was given");
        }
        this.maxNorm = max;
        return this;
    }

    /**
     * Lets a step overwrite the parameters in their own memory, which saves time where they are large. What was computed
     * from the old parameters must then be read before the step or wanted from it; reading it later is an error. Returns this.
     */
    public Optimizer inPlace(boolean on) {
        this.inPlace = on;
        return this;
    }

    /** Steps taken so far. */
    public long steps() {
        return steps;
    }

    /** The learning rate of the next step. */
    public double learningRate() {
        return schedule.at(steps);
    }

    /** Differentiates a loss, one number, and moves the parameters. */
    public void step(Tensor loss) {
        step(loss, new Tensor[0]);
    }

    /**
     * As {@link #step(Tensor)}, and computes further tensors in the same run. Where the loss is not finite, or with {@link
     * #clipNorm} a gradient, the parameters and everything else keep their values, and the answer is false.
     *
     * <p>Without clipping a gradient is not looked at. It has no memory of its own: where it comes from a matrix product,
     * the update is that product's epilogue, and a guard on it would have every gradient written, read, and read again.
     * A gradient that is not finite although the loss is (√x at 0) so makes a parameter NaN, and the loss of the next
     * step in most models; a training looks at the values before each checkpoint and saves none that are not finite.
     */
    public boolean step(Tensor loss, Tensor... alsoWanted) {
        Tensor[] wanted = new Tensor[alsoWanted.length + 1];
        wanted[0] = loss;
        System.arraycopy(alsoWanted, 0, wanted, 1, alsoWanted.length);
        Update update = new Update(wanted).inPlace(inPlace);
        List<Tensor> gradients = Kawi.grad(loss, parameters);
        List<Tensor> guards = new ArrayList<>(List.of(loss));
        if (maxNorm != null) {
            gradients = clipped(gradients, maxNorm, guards);
        }
        double rate = learningRate();
        steps++;
        boolean moved = false;
        try {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                update(update, p, gradients.get(i), rate, slots.getOrDefault(p, List.of()));
            }
            moved = update.runIfFinite(guards.toArray(Tensor[]::new));
        } finally {
            if (!moved) {
                steps--; // a step that failed was none
            }
        }
        return moved;
    }

    /** Says how one parameter and its slots change, given its gradient and the learning rate. */
    protected abstract void update(
            Update update, Parameter parameter, Tensor gradient, double rate, List<Variable> slots);

    /**
     * The gradients scaled by min(1, max/norm), with their norm as a further guard. Where the sum of squares overflows,
     * the sum of the squares of the gradients times a small power of two takes its place.
     */
    private static List<Tensor> clipped(List<Tensor> gradients, double max, List<Tensor> guards) {
        DType type = gradients.stream().map(Tensor::dtype).reduce(DType.F32, DType::promote);
        double small = type == DType.F32 ? 0x1p-80 : 0x1p-600;
        Tensor plain = Tensor.scalar(0, type);
        Tensor scaled = plain;
        for (Tensor gradient : gradients) {
            Tensor g = gradient.to(type);
            plain = plain.add(g.square().sum());
            scaled = scaled.add(g.mul(small).square().sum());
        }
        Tensor fits = plain.isFinite();
        Tensor shrink = Tensor.where(fits, Tensor.scalar(1, type), Tensor.scalar(small, type));
        Tensor norm = Tensor.where(fits, plain, scaled).sqrt();
        guards.add(norm);
        Tensor over = norm.gt(shrink.mul(max));
        Tensor one = Tensor.scalar(1, type);
        Tensor first = Tensor.where(over, shrink, one);
        Tensor second = Tensor.where(over, norm.reciprocal().mul(max), one);
        return gradients.stream().map(g -> g.mul(first).mul(second)).toList();
    }

    /** The slots by name: those of parameter i are {@code i.0}, {@code i.1} and so on. With {@link #steps} the whole state. */
    public Map<String, Variable> state() {
        Map<String, Variable> state = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            List<Variable> own = slots.getOrDefault(parameters.get(i), List.of());
            for (int k = 0; k < slotsEach; k++) {
                state.put(i + "." + k, own.get(k));
            }
        }
        return state;
    }

    /** Continues after so many steps, once the slots have been given their values. */
    public void resume(long stepsTaken) {
        this.steps = stepsTaken;
    }
}
