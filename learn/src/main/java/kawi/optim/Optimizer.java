package kawi.optim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters so that a loss becomes smaller. {@link #step} differentiates the loss and moves every parameter in
 * one planned run. What all methods have in common is set here, after what a method has of its own:
 *
 * <pre>{@code
 * var optimizer = new Adam(model.parameters(), 1e-3).amsgrad().weightDecay(0.01).clipNorm(1);
 * optimizer.group(model.head.parameters()).learningRate(1e-2);
 * }</pre>
 *
 * <p>A new method is one subclass: the names of what it keeps for each parameter ({@link #slots}), and how a parameter
 * moves ({@link #next}). A step is, in this order: the gradients; clipping; for each parameter weight decay, the method, its
 * proximal steps; the average.
 */
public abstract class Optimizer {
    private static final String AVERAGE = "average";
    private static final String ACCUMULATED = "accumulated";
    /** Of the losses of a step so far: its name in the state. */
    private static final String WAITING = "accumulated.losses";

    private final Settings settings;
    private final Map<Parameter, Map<String, Variable>> slots = new LinkedHashMap<>();
    private @Nullable Variable waiting;
    private long steps;

    /** An optimiser of some parameters. */
    protected Optimizer(Collection<Parameter> parameters, double learningRate) {
        if (parameters.isEmpty()) {
            throw new KawiException(
                    getClass().getSimpleName()
                            + ": there are no parameters to train; are the layers fields of the module, and set when this is made?");
        }
        settings = new Settings(List.copyOf(new LinkedHashSet<>(parameters)), learningRate);
    }

    /** A method around another one, whose parameters and settings it has from now on. */
    protected Optimizer(Optimizer inner) {
        settings = inner.settings;
    }

    // A method

    /** The names of the variables, of a parameter's shape and type, that the method keeps for each; final from the first step on. */
    protected abstract List<String> slots();

    /** What a slot holds before the first step: zeros, unless a method says otherwise. */
    protected Tensor initial(String slot, Parameter p) {
        return p.zerosLike();
    }

    /** θ after a step, given its gradient; what the method keeps is read and written by {@code step}. */
    protected abstract Tensor next(Tensor theta, Tensor g, Step step);

    /** Whether {@link #next} applies {@link Step#weightDecay} itself. */
    protected boolean decaysItself() {
        return false;
    }

    // Settings

    /** Follows a schedule of learning rates from now on. Returns this. */
    public final Optimizer schedule(Schedule schedule) {
        settings.all.schedule(schedule);
        return this;
    }

    /** Weight decay λ, coupled: g ← g + λθ, the gradient of ½λ‖θ‖², before the method; see {@link #decoupled}. Returns this. */
    public final Optimizer weightDecay(double lambda) {
        settings.all.weightDecay(lambda);
        return this;
    }

    /** Weight decay as θ ← (1 − ηλ)θ before the method's step, which does not see it (Loshchilov and Hutter 2019). Returns this. */
    public final Optimizer decoupled() {
        settings.decoupled = true;
        return this;
    }

    /** A proximal step after each step of the method, such as {@link Proximal#l1}. Returns this. */
    public final Optimizer proximal(Proximal proximal) {
        settings.all.proximal(proximal);
        return this;
    }

    /** Leaves rows alone whose gradient is 0; see {@link Group#lazyRows}. Returns this. */
    public final Optimizer lazyRows() {
        settings.all.lazyRows();
        return this;
    }

    /** Clips the gradients before the method sees them, after what was asked for before. Returns this. */
    public final Optimizer clip(Clip clip) {
        settings.clips.add(clip);
        return this;
    }

    /** Scales all gradients down together where their joint Euclidean norm passes {@code max}: {@link Clip#globalNorm}. Returns this. */
    public final Optimizer clipNorm(double max) {
        return clip(Clip.globalNorm(max));
    }

    /**
     * Moves the parameters at every {@code losses}-th call of {@link #step} only, by the mean of the gradients since: the
     * step of a batch so many times as large, if each loss is the mean of as many examples. Returns this.
     */
    public final Optimizer accumulate(long losses) {
        settings.accumulate = Require.count("accumulate", "the number of losses", losses);
        return this;
    }

    /** Keeps a running average of the parameters; {@link #averaged} and {@link #takeAverage} use it. Returns this. */
    public final Optimizer average(Average average) {
        settings.average = average;
        return this;
    }

    /**
     * Lets a step overwrite the parameters in their own memory, which saves time where they are large. What was computed
     * from the old parameters must then be read before the step or wanted from it; reading it later is an error. Returns this.
     */
    public final Optimizer inPlace(boolean on) {
        settings.inPlace = on;
        return this;
    }

    /** Gives some of the parameters settings of their own. Each parameter can be in one such group. */
    public final Group group(Collection<Parameter> parameters) {
        Group group = new Group(settings.all);
        for (Parameter p : new LinkedHashSet<>(parameters)) {
            if (!settings.parameters.contains(p)) {
                throw new KawiException("group: a parameter %s is none of the %d that the optimiser was made for"
                        .formatted(p.shape(), settings.parameters.size()));
            }
            if (settings.groups.putIfAbsent(p, group) != null) {
                throw new KawiException("group: a parameter %s is in another group already".formatted(p.shape()));
            }
        }
        return group;
    }

    // Steps

    /** Steps taken so far. */
    public final long steps() {
        return steps;
    }

    /** The learning rate of the next step, of parameters in no group. */
    public final double learningRate() {
        return settings.all.rate(steps);
    }

    /**
     * Differentiates a loss, one number, and moves the parameters; those it does not depend on have the gradient 0.
     *
     * @throws KawiException if it depends on none of them
     */
    public final void step(Tensor loss) {
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
    public final boolean step(Tensor loss, Tensor... alsoWanted) {
        Tensor[] wanted = new Tensor[alsoWanted.length + 1];
        wanted[0] = loss;
        System.arraycopy(alsoWanted, 0, wanted, 1, alsoWanted.length);
        Update update = new Update(wanted).inPlace(settings.inPlace);
        List<Tensor> gradients = Require.gradients("step", loss, settings.parameters);
        List<Tensor> guards = new ArrayList<>(List.of(loss));
        allocate();
        boolean complete = settings.accumulate == 1;
        if (!complete) {
            long losses = 1 + (waiting == null ? 0 : (long) waiting.item());
            complete = losses >= settings.accumulate;
            gradients = accumulated(update, gradients, losses, complete);
        }
        if (complete) {
            move(update, gradients, guards);
        }
        boolean done = update.runIfFinite(guards.toArray(Tensor[]::new));
        if (done && complete) {
            steps++; // a step that failed was none
        }
        return done;
    }

    /** The sums of the gradients of the step so far, each divided by the number of losses; kept where the step is not complete. */
    private List<Tensor> accumulated(Update update, List<Tensor> gradients, long losses, boolean complete) {
        List<Tensor> sums = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Variable kept = kept(settings.parameters.get(i), ACCUMULATED);
            Tensor sum = kept.add(gradients.get(i).mul(1.0 / settings.accumulate));
            sums.add(sum);
            update.set(kept, complete ? kept.zerosLike() : sum);
        }
        if (waiting != null) {
            update.set(waiting, Tensor.scalar(complete ? 0 : losses, DType.F64));
        }
        return sums;
    }

    private void move(Update update, List<Tensor> gradients, List<Tensor> guards) {
        long number = steps + 1;
        List<Tensor> clipped = gradients;
        for (Clip clip : settings.clips) {
            clipped = clip.apply(clipped, guards::add);
        }
        for (int i = 0; i < clipped.size(); i++) {
            Parameter p = settings.parameters.get(i);
            Group group = settings.group(p);
            Step step =
                    new Step(update, slots.getOrDefault(p, Map.of()), group, number, group.touched(gradients.get(i)));
            Tensor theta = step.moved(p, moved(p, clipped.get(i), step, group));
            update.set(p, theta);
            if (settings.average != null) {
                double weight = settings.average.weight(number);
                Variable mean = kept(p, AVERAGE);
                update.set(mean, weight == 1 ? theta : mean.add(theta.sub(mean).mul(weight)));
            }
        }
    }

    /** Weight decay, the method, proximal steps. */
    private Tensor moved(Parameter p, Tensor gradient, Step step, Group group) {
        double lambda = decaysItself() ? 0 : group.weightDecay();
        Tensor theta;
        if (lambda == 0) {
            theta = next(p, gradient, step);
        } else if (settings.decoupled) {
            theta = next(p.mul(1 - step.rate() * lambda), gradient, step);
        } else {
            theta = next(p, gradient.add(p.mul(lambda)), step);
        }
        for (Proximal proximal : group.proximals()) {
            theta = proximal.apply(theta, step.rate());
        }
        return theta;
    }

    // The average

    /** Does some work, such as an evaluation, with the average in place of the parameters, which are back afterwards. */
    public final <T> T averaged(Supplier<T> work) {
        Map<Parameter, Tensor> present = new LinkedHashMap<>();
        settings.parameters.forEach(p -> present.put(p, p.detach()));
        takeAverage();
        try {
            return work.get();
        } finally {
            present.forEach(Parameter::assign);
        }
    }

    /** Gives the parameters the values of their average, from which training goes on. */
    public final void takeAverage() {
        if (settings.average == null) {
            throw new KawiException(
                    "no average is kept; ask for one before the first step, with average(Average.exponential(0.999))");
        }
        allocate();
        settings.parameters.forEach(p -> p.assign(kept(p, AVERAGE)));
    }

    // State

    /**
     * All that is kept between steps, by name: slot m of parameter i is {@code i.m}. With {@link #steps} it is the whole state. A
     * state is what the settings make it, so an optimiser that is to get a saved one is first given the same settings.
     */
    public final Map<String, Variable> state() {
        allocate();
        Map<String, Variable> state = new LinkedHashMap<>();
        for (int i = 0; i < settings.parameters.size(); i++) {
            String place = i + ".";
            slots.getOrDefault(settings.parameters.get(i), Map.of()).forEach((name, v) -> state.put(place + name, v));
        }
        if (waiting != null) {
            state.put(WAITING, waiting);
        }
        return state;
    }

    /** Continues after so many steps, once the state has been given its values. */
    public final void resume(long stepsTaken) {
        if (stepsTaken < 0) {
            throw new KawiException("resume: steps taken start at 0, but %d were given".formatted(stepsTaken));
        }
        this.steps = stepsTaken;
    }

    /** Makes the variables that the settings ask for, at the first step or when the state is asked for. */
    private void allocate() {
        if (!slots.isEmpty()) {
            return;
        }
        for (Parameter p : settings.parameters) {
            Map<String, Variable> own = new LinkedHashMap<>();
            slots().forEach(name -> own.put(name, new Variable(initial(name, p))));
            if (settings.average != null) {
                own.put(AVERAGE, new Variable(p));
            }
            if (settings.accumulate > 1) {
                own.put(ACCUMULATED, new Variable(p.zerosLike()));
            }
            slots.put(p, own);
        }
        if (settings.accumulate > 1) {
            waiting = new Variable(Tensor.scalar(0, DType.F64));
        }
    }

    private Variable kept(Parameter p, String name) {
        Variable v = slots.getOrDefault(p, Map.of()).get(name);
        if (v == null) {
            throw new KawiException("nothing is kept for \"%s\"; ask for it before the first step".formatted(name));
        }
        return v;
    }
}
