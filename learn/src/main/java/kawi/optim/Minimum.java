package kawi.optim;

import java.util.List;
import kawi.tensor.Tensor;

/**
 * What a minimisation found.
 *
 * @param x the argument
 * @param value f(x)
 * @param gradientNorm ‖∇f(x)‖₂
 * @param converged whether the gradient is as small as was asked for
 * @param reason why it stopped, in words
 * @param trace the start and each iteration
 */
public record Minimum(
        Tensor x, double value, double gradientNorm, boolean converged, String reason, List<Iteration> trace) {
    /**
     * Where a minimisation stood.
     *
     * @param iteration 0 for the start
     * @param step length of the step that led here, a multiple of the method's direction, or the norm of the step for trust regions
     * @param evaluations of the value, with or without the gradient, since the start
     * @param products of the Hessian with a vector since the start; a Hessian counts as one for each of its columns
     */
    public record Iteration(
            int iteration, double value, double gradientNorm, double step, long evaluations, long products) {}

    /** Keeps a copy of the trace. */
    public Minimum {
        trace = List.copyOf(trace);
    }

    /** Steps taken. */
    public int iterations() {
        return trace.size() - 1;
    }

    /** ‖∇f‖₂ at the start and after each iteration. */
    public double[] gradientNorms() {
        return trace.stream().mapToDouble(Iteration::gradientNorm).toArray();
    }

    /** f at the start and after each iteration. */
    public double[] values() {
        return trace.stream().mapToDouble(Iteration::value).toArray();
    }
}
