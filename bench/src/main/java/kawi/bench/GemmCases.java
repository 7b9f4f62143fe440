package kawi.bench;

import static kawi.bench.Case.returning;

import java.util.ArrayList;
import java.util.List;
import kawi.bench.Case.Work;
import kawi.tensor.Tensor;

/** Matrix products: squares, and the shapes that networks meet. */
final class GemmCases {
    /** Relative rounding error of f32 sums of some thousand products, in the norm of the largest element. */
    private static final double TOLERANCE = 1e-5;

    private GemmCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int n : new int[] {512, 1024, 2048, 3072}) {
            cases.add(Case.kernel("gemm", "gemm-" + n, Work.flops(2.0 * n * n * n), TOLERANCE, in -> {
                Tensor a = in.floats(n, n);
                Tensor b = in.floats(n, n);
                return _ -> List.of(a.matmul(b));
            }, returning("[torch.matmul(x[0], x[1])]")));
        }
        return cases;
    }
}
