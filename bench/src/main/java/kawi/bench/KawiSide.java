package kawi.bench;

import java.util.List;
import java.util.function.Function;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/** Kawi, or what else of a case runs on the JVM. */
final class KawiSide implements Side {
    private final Function<Case, Case.Setup> which;
    private Case.Program program = _ -> List.of();

    KawiSide(int threads, Function<Case, Case.Setup> which) {
        this.which = which;
        Kawi.threads(threads);
    }

    @Override
    public List<Spec> prepare(Case item, List<Spec> inputs) {
        Kawi.seed(0);
        Inputs in = new Inputs();
        program = which.apply(item).on(in);
        return in.specs();
    }

    @Override
    public List<float[]> outputs() {
        return program.run(false).stream().map(Tensor::toFloatArray).toList();
    }

    @Override
    public void run(int times) {
        for (int i = 0; i < times; i++) {
            Kawi.realize(program.run(true).toArray(Tensor[]::new));
        }
    }
}
