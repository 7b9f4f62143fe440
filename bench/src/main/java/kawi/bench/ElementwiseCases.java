package kawi.bench;

import static kawi.bench.Case.returning;

import java.util.ArrayList;
import java.util.List;
import kawi.bench.Case.Work;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;

/** Chains of elementwise operations; a fused program reads and writes each array once. */
final class ElementwiseCases {
    private static final int MEGA = 1 << 20;
    private static final double TOLERANCE = 1e-5;

    private ElementwiseCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int n : new int[] {2, 16}) {
            cases.add(gelu(n));
        }
        for (int n : new int[] {2, 16}) {
            cases.add(residual(n));
        }
        for (int n : new int[] {2, 16}) {
            cases.add(adam(n));
        }
        return cases;
    }

    /** GELU(2x + 1). */
    private static Case gelu(int mega) {
        return Case.kernel(
                "elementwise",
                "gelu-of-affine-" + mega + "m",
                Work.bytes(2 * 4.0 * mega * MEGA),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(mega * 1024, 1024);
                    return _ -> List.of(x.mul(2).add(1).gelu());
                },
                returning("[torch.gelu(x[0] * 2 + 1)]"));
    }

    /** x + dropout(h)·s, with a scale for each of 1024 channels: the end of a block of a vision transformer (Touvron et al. 2021). */
    private static Case residual(int mega) {
        return Case.kernel(
                "elementwise",
                "residual-dropout-scale-" + mega + "m",
                Work.bytes(3 * 4.0 * mega * MEGA),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(mega * 1024, 1024);
                    Tensor h = in.floats(mega * 1024, 1024);
                    Tensor scale = in.floats(1024);
                    kawi.nn.Dropout dropout = new kawi.nn.Dropout(0.1);
                    return random -> List.of(x.add((random ? dropout.forward(h) : h).mul(scale)));
                },
                returning("[x[0] + torch.dropout(x[1], 0.1, random) * x[2]]"));
    }

    /** One update of Adam, with a gradient at hand. */
    private static Case adam(int mega) {
        int n = mega * MEGA;
        double correction1 = 1 - 0.9;
        double correction2 = 1 - 0.999;
        return Case.kernel(
                "elementwise",
                "adam-update-" + mega + "m",
                Work.bytes(7 * 4.0 * n),
                TOLERANCE,
                in -> {
                    Variable p = new Variable(in.floats(n));
                    Variable m = new Variable(in.floats(0, 0.1, n));
                    Variable v = new Variable(in.floats(1, 0.1, n));
                    Tensor g = in.floats(n);
                    return _ -> {
                        Tensor m1 = m.mul(0.9).add(g.mul(0.1));
                        Tensor v1 = v.mul(0.999).add(g.square().mul(0.001));
                        Tensor scale = v1.sqrt().mul(1 / Math.sqrt(correction2)).add(1e-8);
                        Tensor p1 = p.sub(m1.mul(1e-3 / correction1).div(scale));
                        new Update().set(p, p1).set(m, m1).set(v, v1).run();
                        return List.of(p);
                    };
                },
                """
                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    p, m, v, g = x[0], x[1], x[2], x[3]
                    m.lerp_(g, 0.1)
                    v.mul_(0.999).addcmul_(g, g, value=0.001)
                    scale = (v.sqrt() / %s).add_(1e-8)
                    p.addcdiv_(m, scale, value=%s)
                    return [p]
                """
                        .formatted(Math.sqrt(correction2), -1e-3 / correction1));
    }
}
