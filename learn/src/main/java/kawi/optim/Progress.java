package kawi.optim;

import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** The book that full-batch methods keep: where they stand, what they have spent, and whether they are done. */
final class Progress {
    private static final String HIDDEN = "no step lowers the loss: rounding hides any further descent";
    private static final String OVERFLOW =
            "the gradient is too large: its square is beyond the range of numbers; if the loss has a minimum, scale it down or begin nearer to it";

    private final Stopping stopping;
    private final Objective f;
    private final List<Minimum.Iteration> trace = new ArrayList<>();
    private Point point;
    private long evaluations;
    private long products;

    /** Begins at a start, which counts as so many evaluations. */
    private Progress(Stopping stopping, Objective f, Tensor start, long evaluations) {
        this.stopping = stopping;
        this.f = f;
        this.evaluations = evaluations;
        if (!start.dtype().isFloat()) {
            throw new KawiException("minimize: a floating-point start is needed, but it is " + start.dtype()
                    + start.shape() + "; cast it with .to(DType.F64)");
        }
        point = f.at(start.detach());
        if (!point.finite()) {
            throw new KawiException(
                    "minimize: the loss is %s and the norm of its gradient %s at the start; begin where both are finite"
                            .formatted(point.value(), point.gradientNorm()));
        }
        note(0);
    }

    Progress(Stopping stopping, Objective f, Tensor start) {
        this(stopping, f, start, 1);
    }

    /** For methods that count gradients of single examples, and look at the whole sum only to be watched. */
    static Progress ofExamples(Stopping stopping, LinearSum f, Tensor start) {
        return new Progress(stopping, Objective.of(f::loss), start.to(DType.F64), 0);
    }

    Point point() {
        return point;
    }

    /** Counts products of the Hessian with a vector. */
    void products(long count) {
        products += count;
    }

    /** Counts evaluations, before {@link #move}. */
    void evaluations(long count) {
        evaluations += count;
    }

    /** Moves to another point. */
    void move(Point to, double step) {
        point = to;
        note(step);
    }

    /** Looks where a round of examples has led; false where the loss is not finite there. */
    boolean look(Tensor x, double step) {
        Point there = f.at(x);
        if (there.finite()) {
            move(there, step);
        }
        return there.finite();
    }

    private void note(double step) {
        trace.add(
                new Minimum.Iteration(trace.size(), point.value(), point.gradientNorm(), step, evaluations, products));
    }

    private boolean converged() {
        return trace.getLast().gradientNorm() <= stopping.gradientNorm();
    }

    boolean done() {
        return converged() || trace.size() > stopping.iterations();
    }

    /** The result once {@link #done}. */
    Minimum end() {
        return end("the iterations are used up");
    }

    /** The result where no step along any direction is better. */
    Minimum stuck() {
        return end(Double.isFinite(point.slope(point.gradient())) ? HIDDEN : OVERFLOW);
    }

    /** The result, with why there was no further step. */
    Minimum end(String otherwise) {
        String reason = converged() ? "the gradient is as small as was asked for" : otherwise;
        return new Minimum(point.x(), point.value(), trace.getLast().gradientNorm(), converged(), reason, trace);
    }
}
