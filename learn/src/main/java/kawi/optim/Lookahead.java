package kawi.optim;

import java.util.ArrayList;
import java.util.List;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * k steps forward, one step back: θ moves by any other method, and at every k-th step slow weights follow, φ ← φ + α(θ − φ), and
 * θ ← φ (Zhang et al. 2019, algorithm 1). The settings are those of the method inside:
 *
 * <pre>{@code
 * new Lookahead(new Adam(model.parameters(), 1e-3).clipNorm(1), 5, 0.5)
 * }</pre>
 */
public final class Lookahead extends Optimizer {
    private final Optimizer fast;
    private final long every;
    private final double alpha;

    /**
     * Around another method, which takes no steps of its own from then on.
     *
     * @param every fast steps between slow ones, k
     * @param alpha how far the slow weights go, α, 0 to 1
     */
    public Lookahead(Optimizer fast, long every, double alpha) {
        super(fast);
        this.fast = fast;
        this.every = Require.count("Lookahead", "k", every);
        this.alpha = Require.share("Lookahead", "α", alpha);
    }

    @Override
    protected List<String> slots() {
        List<String> slots = new ArrayList<>(fast.slots());
        slots.add(slow());
        return slots;
    }

    /** Its name says how many are nested: one inside of another has slow weights of its own. */
    private String slow() {
        return fast instanceof Lookahead inner ? "slow." + inner.slow() : "slow";
    }

    @Override
    protected Tensor initial(String slot, Parameter p) {
        return slot.equals(slow()) ? p : fast.initial(slot, p);
    }

    @Override
    protected boolean decaysItself() {
        return fast.decaysItself();
    }

    @Override
    protected Tensor next(Tensor theta, Tensor g, Step step) {
        Tensor moved = fast.next(theta, g, step);
        if (step.number() % every != 0) {
            return moved;
        }
        Tensor slow = step.get(slow());
        return step.set(slow(), slow.add(moved.sub(slow).mul(alpha)));
    }
}
