package kawi.bench;

import java.util.List;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/** Kawi. */
final class KawiSide implements Side {
    private Case.Program program = _ -> List.of();

    KawiSide(int threads) {
        Kawi.threads(threads);
    }

    @Override
    public List<Spec> prepare(Case item, List<Spec> inputs) {
        Kawi.seed(0);
        Inputs in = new Inputs();
        program = item.kawi().on(in);
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
