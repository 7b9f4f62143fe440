package kawi.bench;

import static kawi.bench.Case.returning;

import java.util.ArrayList;
import java.util.List;
import kawi.bench.Case.Work;
import kawi.tensor.Tensor;

/** Matrix products: squares, and the shapes that networks meet. */
final class GemmCases {
    /** f32 rounding of sums of up to 50,000 products, relative to the largest element of the product. */
    private static final double TOLERANCE = 2e-5;

    /**
     * Networks' products: name, number in the batch, rows, inner extent, columns, and which operands are stored transposed.
     * A dense layer multiplies by its weight transposed (…T), its derivative by data is plain, that by weight has the first
     * operand transposed (T…).
     */
    private static final String NETWORK_SHAPES =
            """
            mlp-1-forward           1    64   784   256  NT
            mlp-1-by-weight         1   256    64   784  TN
            mlp-2-forward           1    64   256   128  NT
            mlp-2-by-data           1    64   128   256  NN
            mnist-cnn-forward       1    64  9216   128  NT
            mnist-cnn-by-data       1    64   128  9216  NN
            mnist-cnn-by-weight     1   128    64  9216  TN
            resnet-head-forward     1    16  2048  1000  NT
            resnet-head-by-weight   1  1000    16  2048  TN
            vgg-dense-forward       1    32  4096  4096  NT
            gpt2-qkv-forward        1   256   768  2304  NT
            gpt2-project-forward    1   256   768   768  NT
            gpt2-up-forward         1   256   768  3072  NT
            gpt2-down-forward       1   256  3072   768  NT
            gpt2-up-by-data         1   256  3072   768  NN
            gpt2-up-by-weight       1  3072   256   768  TN
            gpt2-head-forward       1   256   768 50257  NT
            gpt2-head-by-data       1   256 50257   768  NN
            gpt2-head-by-weight     1 50257   256   768  TN
            attention-scores-256   48   256    64   256  NT
            attention-values-256   48   256   256    64  NN
            attention-by-keys-256  48   256   256    64  TN
            attention-scores-64    48    64    64    64  NT
            bert-qkv-forward        1  1024   768   768  NT
            bert-up-forward         1  1024   768  3072  NT
            lstm-step-gates         1    20   200   800  NT
            lstm-head-forward       1   700   200 10000  NT
            lstm-head-by-weight     1 10000   700   200  TN
            token-up-forward        1     1   768  3072  NT
            llama-up-forward        1   128  2048  5632  NT
            """;

    private GemmCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int n : new int[] {512, 1024, 2048, 3072}) {
            cases.add(Case.kernel(
                    "gemm",
                    "gemm-" + n,
                    Work.flops(2.0 * n * n * n),
                    TOLERANCE,
                    in -> {
                        Tensor a = in.floats(n, n);
                        Tensor b = in.floats(n, n);
                        return _ -> List.of(a.matmul(b));
                    },
                    returning("[torch.matmul(x[0], x[1])]")));
        }
        NETWORK_SHAPES.lines().map(GemmCases::network).forEach(cases::add);
        return cases;
    }

    private static Case network(String row) {
        String[] words = row.trim().split(" +");
        int batch = Integer.parseInt(words[1]);
        int m = Integer.parseInt(words[2]);
        int k = Integer.parseInt(words[3]);
        int n = Integer.parseInt(words[4]);
        boolean first = words[5].charAt(0) == 'T';
        boolean second = words[5].charAt(1) == 'T';
        String script = "[torch.matmul(x[0]%s, x[1]%s)]"
                .formatted(first ? ".transpose(-2, -1)" : "", second ? ".transpose(-2, -1)" : "");
        return Case.row(
                "gemm-network",
                "gemm-" + words[0],
                Work.flops(2.0 * batch * m * k * n),
                TOLERANCE,
                in -> {
                    Tensor a = stored(in, batch, first ? k : m, first ? m : k);
                    Tensor b = stored(in, batch, second ? n : k, second ? k : n);
                    return _ -> List.of((first ? a.t() : a).matmul(second ? b.t() : b));
                },
                returning(script));
    }

    private static Tensor stored(Inputs in, int batch, int rows, int columns) {
        return batch == 1 ? in.floats(rows, columns) : in.floats(batch, rows, columns);
    }
}
