package kawi.bench;

import java.util.ArrayList;
import java.util.List;
import kawi.bench.Case.Work;
import kawi.nn.BatchNorm;
import kawi.nn.CausalSelfAttention;
import kawi.nn.LayerNorm;
import kawi.nn.Losses;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/** Layers that are more than a product: forward and backward together; the outputs are the result and all derivatives. */
final class LayerCases {
    private static final double TOLERANCE = 1e-4;

    private LayerCases() {}

    static List<Case> all() {
        return List.of(
                softmax(),
                crossEntropy(),
                layerNorm(),
                batchNorm(),
                attention(256),
                attention(1024),
                embedding());
    }

    /** The result and the derivatives of ⟨v, y⟩. */
    private static List<Tensor> withDerivatives(Tensor y, Tensor v, Tensor... by) {
        List<Tensor> outputs = new ArrayList<>(List.of(y));
        outputs.addAll(Kawi.vjp(y, v, List.of(by)));
        return outputs;
    }

    /** The script for {@code y} of inputs 0 to {@code inputs - 1}, with input {@code inputs} as v. */
    private static String withDerivatives(String y, int inputs) {
        return """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[:%d])
                    return x

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    y = %s
                    return [y.detach()] + self.derivatives(y, x[:%d], x[%d])
                """
                .formatted(inputs, y, inputs, inputs);
    }

    private static Case softmax() {
        return Case.kernel(
                "normalisation",
                "softmax-2048x1024",
                Work.bytes(4 * 4.0 * 2048 * 1024),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(2048, 1024).requiresGrad();
                    Tensor v = in.floats(2048, 1024);
                    return _ -> withDerivatives(x.softmax(-1), v, x);
                },
                withDerivatives("torch.softmax(x[0], -1)", 1));
    }

    private static Case crossEntropy() {
        return Case.kernel(
                "normalisation",
                "cross-entropy-1024x10000",
                Work.bytes(3 * 4.0 * 1024 * 10000),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(1024, 10000).requiresGrad();
                    Tensor y = in.integers(10000, 1024);
                    return _ -> {
                        Tensor loss = Losses.crossEntropy(x, y);
                        return List.of(loss, Kawi.grad(loss, x));
                    };
                },
                """
                def prepare(self, x: List[Tensor]) -> List[Tensor]:
                    self.trained(x[:1])
                    return x

                def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                    loss = torch.cross_entropy_loss(x[0], x[1])
                    return [loss.detach()] + self.derivatives(loss, x[:1], torch.ones([]))
                """);
    }

    private static Case layerNorm() {
        return Case.kernel(
                "normalisation",
                "layer-norm-4096x768",
                Work.bytes(5 * 4.0 * 4096 * 768),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(4096, 768).requiresGrad();
                    LayerNorm norm = in.parameters(new LayerNorm(768));
                    Tensor v = in.floats(4096, 768);
                    return _ -> withDerivatives(norm.forward(x), v, x, norm.weight, norm.bias);
                },
                withDerivatives("torch.layer_norm(x[0], [768], x[1], x[2], 1e-5)", 3));
    }

    private static Case batchNorm() {
        return Case.kernel(
                "normalisation",
                "batch-norm-32x64x56x56",
                Work.bytes(5 * 4.0 * 32 * 64 * 56 * 56),
                TOLERANCE,
                in -> {
                    Tensor x = in.floats(32, 64, 56, 56).requiresGrad();
                    BatchNorm norm = in.parameters(new BatchNorm(64));
                    Tensor v = in.floats(32, 64, 56, 56);
                    return _ -> withDerivatives(norm.forward(x), v, x, norm.weight, norm.bias);
                },
                withDerivatives("torch.batch_norm(x[0], x[1], x[2], x[4], x[5], True, 0.1, 1e-5, False)", 3)
                        .replace("    return x\n", "    return x + [torch.zeros([64]), torch.ones([64])]\n"));
    }

    /** Causal attention, batch 4, 12 heads, 64 wide (Vaswani et al. 2017, section 3.2.1). */
    private static Case attention(int length) {
        double scores = 48.0 * length * (length + 1) / 2;
        return Case.kernel(
                "attention",
                "causal-attention-" + length,
                Work.flops(2 * scores * 64 * (2 + 5)),
                TOLERANCE,
                in -> {
                    Tensor q = in.floats(4, 12, length, 64).requiresGrad();
                    Tensor k = in.floats(4, 12, length, 64).requiresGrad();
                    Tensor v = in.floats(4, 12, length, 64).requiresGrad();
                    Tensor dy = in.floats(4, 12, length, 64);
                    return _ -> withDerivatives(CausalSelfAttention.attention(q, k, v), dy, q, k, v);
                },
                withDerivatives("torch.scaled_dot_product_attention(x[0], x[1], x[2], None, 0.0, True)", 3));
    }

    /** The vectors of 4096 of 50,000 symbols, and the derivative by all of them. */
    private static Case embedding() {
        return Case.kernel(
                "embedding",
                "embedding-50000x768",
                Work.bytes(4.0 * 768 * (4 * 4096 + 50000)),
                TOLERANCE,
                in -> {
                    Tensor w = in.floats(50000, 768).requiresGrad();
                    Tensor v = in.floats(4096, 768);
                    Tensor i = in.integers(50000, 4096);
                    return _ -> withDerivatives(w.take(0, i), v, w);
                },
                withDerivatives("torch.embedding(x[0], x[2])", 1));
    }
}
