package kawi.optim;

import java.util.List;
import java.util.function.Consumer;
import kawi.base.DType;
import kawi.tensor.Tensor;

/** Makes gradients smaller before a method sees them; {@link Optimizer#clip} takes several, done in the order they were given. */
@FunctionalInterface
public interface Clip {
    /**
     * The gradients, clipped.
     *
     * @param guards takes numbers that show whether a gradient is finite, where they come for free
     */
    List<Tensor> apply(List<Tensor> gradients, Consumer<Tensor> guards);

    /** Each element into −max … max. */
    static Clip value(double max) {
        Require.positive("clipping by value", "the largest value", max);
        return (gradients, guards) ->
                gradients.stream().map(g -> g.clamp(-max, max)).toList();
    }

    /** Each parameter's gradient alone: g·min(1, max/‖g‖₂). */
    static Clip eachNorm(double max) {
        Require.positive("clipping each norm", "the largest norm", max);
        return (gradients, guards) -> gradients.stream()
                .flatMap(g -> scaled(List.of(g), max, guards).stream())
                .toList();
    }

    /** All gradients together: g·min(1, max/√Σ‖g‖₂²) (Pascanu et al. 2013, algorithm 1). */
    static Clip globalNorm(double max) {
        Require.positive("clipping the global norm", "the largest norm", max);
        return (gradients, guards) -> scaled(gradients, max, guards);
    }

    /**
     * The gradients scaled by min(1, max/norm), with their norm as a guard. Where the sum of squares overflows,
     * the sum of the squares of the gradients times a small power of two takes its place.
     */
    private static List<Tensor> scaled(List<Tensor> gradients, double max, Consumer<Tensor> guards) {
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
        guards.accept(norm);
        Tensor over = norm.gt(shrink.mul(max));
        Tensor one = Tensor.scalar(1, type);
        Tensor first = Tensor.where(over, shrink, one);
        Tensor second = Tensor.where(over, norm.reciprocal().mul(max), one);
        return gradients.stream().map(g -> g.mul(first).mul(second)).toList();
    }
}
