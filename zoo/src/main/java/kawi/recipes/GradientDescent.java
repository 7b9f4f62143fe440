package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import kawi.optim.Minimizer;
import kawi.optim.Minimum;
import kawi.optim.Objective;
import kawi.optim.Point;
import kawi.tensor.Tensor;

/** Gradient descent with a fixed step on the whole loss, x ← x − η·∇f(x): what the other methods are held against. */
record GradientDescent(double step, int iterations) implements Minimizer {
    @Override
    public Minimum minimize(Objective f, Tensor start) {
        List<Minimum.Iteration> trace = new ArrayList<>();
        Point p = f.at(start);
        for (int k = 0; k <= iterations; k++) {
            trace.add(new Minimum.Iteration(k, p.value(), p.gradientNorm(), k == 0 ? 0 : step, k + 1, 0));
            if (k < iterations) {
                p = f.at(p.x().sub(p.gradient().mul(step)));
            }
        }
        return new Minimum(p.x(), p.value(), p.gradientNorm(), false, "the iterations are used up", trace);
    }
}
