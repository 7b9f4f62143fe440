package kawi.optim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/**
 * L-BFGS: p = −H∇f(x) with H an approximation of the inverse Hessian from the last m steps s = x⁺ − x and changes y = ∇f(x⁺) − ∇f(x)
 * (Liu and Nocedal 1989; Nocedal and Wright 2006, <em>Numerical Optimization</em>, algorithms 7.4, the two loops, and 7.5, the method).
 *
 * @param memory m, how many pairs are kept
 * @param lineSearch how far to go; should meet the Wolfe conditions
 */
public record Lbfgs(int memory, LineSearch lineSearch, Stopping stopping) implements Minimizer {
    /** m = 10, strong Wolfe conditions, to ‖∇f‖₂ ≤ 1e-6 in at most 1000 iterations. */
    public Lbfgs() {
        this(new Stopping(1e-6, 1000));
    }

    /** m = 10 and strong Wolfe conditions. */
    public Lbfgs(Stopping stopping) {
        this(10, new StrongWolfe(), stopping);
    }

    /** Checks the memory. */
    public Lbfgs {
        if (memory < 1) {
            throw new KawiException("Lbfgs: the memory starts at 1 pair, but " + memory + " was given");
        }
    }

    /** s, y, and 1/(sᵀy) and yᵀy as tensors of one number. */
    private record Pair(Tensor s, Tensor y, Tensor rho, Tensor yy) {}

    @Override
    public Minimum minimize(Objective f, Tensor start) {
        Progress progress = new Progress(stopping, f, start);
        Deque<Pair> pairs = new ArrayDeque<>();
        while (!progress.done()) {
            Point from = progress.point();
            Tensor direction = direction(from.gradient(), pairs);
            double first = pairs.isEmpty() ? Math.min(1, 1 / from.gradientNorm()) : 1;
            Optional<LineSearch.Found> found =
                    from.slope(direction) < 0 ? lineSearch.search(f, from, direction, first) : Optional.empty();
            if (found.isPresent()) {
                Point to = found.get().point();
                progress.evaluations(found.get().evaluations());
                progress.move(to, found.get().step());
                remember(pairs, from, to);
            } else if (!pairs.isEmpty()) {
                pairs.clear(); // what was remembered misleads; the gradient itself does not
            } else {
                return progress.stuck();
            }
        }
        return progress.end();
    }

    private void remember(Deque<Pair> pairs, Point from, Point to) {
        Tensor s = to.x().sub(from.x());
        Tensor y = to.gradient().sub(from.gradient());
        Tensor sy = s.mul(y).sum();
        Tensor yy = y.square().sum();
        Kawi.realize(s, y, sy, yy);
        // Positive by the Wolfe conditions, but for rounding; without that H would not be positive definite.
        if (sy.item() > 1e-14 * yy.item()) {
            if (pairs.size() == memory) {
                pairs.removeFirst();
            }
            pairs.addLast(new Pair(s, y, sy.reciprocal().realized(), yy));
        }
    }

    /** Algorithm 7.4, recorded as one program: nothing is read between its steps. */
    private static Tensor direction(Tensor gradient, Deque<Pair> pairs) {
        Tensor q = gradient;
        Deque<Tensor> alphas = new ArrayDeque<>();
        for (Iterator<Pair> newestFirst = pairs.descendingIterator(); newestFirst.hasNext(); ) {
            Pair p = newestFirst.next();
            Tensor alpha = p.rho.mul(p.s.mul(q).sum());
            q = q.sub(p.y.mul(alpha));
            alphas.push(alpha);
        }
        if (!pairs.isEmpty()) {
            Pair last = pairs.getLast();
            q = q.div(last.rho.mul(last.yy)); // H₀ = sᵀy / yᵀy
        }
        for (Pair p : pairs) {
            Tensor beta = p.rho.mul(p.y.mul(q).sum());
            q = q.add(p.s.mul(alphas.pop().sub(beta)));
        }
        return q.neg().realized();
    }
}
