package kawi.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Parameters with settings of their own ({@link Optimizer#group}). What a group does not set it takes from the optimiser.
 *
 * <pre>{@code
 * optimizer.group(model.biases()).weightDecay(0);
 * optimizer.group(embedding.parameters()).learningRate(1e-2).lazyRows();
 * }</pre>
 */
public final class Group {
    private final @Nullable Group parent;
    private @Nullable Schedule schedule;
    private @Nullable Double weightDecay;
    private @Nullable List<Proximal> proximals;
    private @Nullable Boolean lazyRows;

    /** A group that takes from another what it does not set itself. */
    Group(@Nullable Group parent) {
        this.parent = parent;
    }

    /** A fixed learning rate η. Returns this. */
    public Group learningRate(double rate) {
        return schedule(Schedule.constant(rate));
    }

    /** A schedule of learning rates. Returns this. */
    public Group schedule(Schedule schedule) {
        this.schedule = schedule;
        return this;
    }

    /** Weight decay λ, in the place where the optimiser has it ({@link Optimizer#weightDecay}). Returns this. */
    public Group weightDecay(double lambda) {
        this.weightDecay = Require.notNegative("weight decay", "λ", lambda);
        return this;
    }

    /** A proximal step after each step of the method; several are done in the order they were given. Returns this. */
    public Group proximal(Proximal proximal) {
        List<Proximal> all = proximals == null ? new ArrayList<>() : new ArrayList<>(proximals);
        all.add(proximal);
        this.proximals = List.copyOf(all);
        return this;
    }

    /**
     * Leaves alone, with all that the method keeps for them, the rows (places along the first axis) whose gradient is 0
     * throughout: for the table of an embedding, whose gradient is a sum of rows scattered into zeros. Returns this.
     *
     * <p>The dense step differs in rows that a batch does not name: there momentum would move them still, averages of
     * gradients would fade, and weight decay would shrink them. Here all of that waits until the row is named again,
     * as in PyTorch's {@code SparseAdam}; bias corrections count the steps of the optimiser, not those of a row. A row
     * that is named, but has a gradient of exactly 0, waits too.
     */
    public Group lazyRows() {
        this.lazyRows = true;
        return this;
    }

    double rate(long step) {
        return schedule().at(step);
    }

    private Schedule schedule() {
        return schedule != null ? schedule : inherited().schedule();
    }

    double weightDecay() {
        return weightDecay != null ? weightDecay : parent == null ? 0 : parent.weightDecay();
    }

    List<Proximal> proximals() {
        return proximals != null ? proximals : parent == null ? List.of() : parent.proximals();
    }

    private boolean rowsAreLazy() {
        return lazyRows != null ? lazyRows : parent != null && parent.rowsAreLazy();
    }

    /** Which rows a step with this gradient touches, {@code bool [rows, 1, …]}, or null for all. */
    @Nullable
    Tensor touched(Tensor gradient) {
        if (!rowsAreLazy() || gradient.rank() == 0) {
            return null;
        }
        int[] one = new int[gradient.rank()];
        Arrays.fill(one, 1);
        one[0] = gradient.dim(0);
        Tensor nonZero = gradient.ne(0);
        int[] others = IntStream.range(1, gradient.rank()).toArray();
        return (others.length == 0 ? nonZero : nonZero.any(others)).reshape(one);
    }

    private Group inherited() {
        if (parent == null) {
            throw new IllegalStateException("the optimiser's own group has a schedule");
        }
        return parent;
    }
}
