package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kawi.base.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of derivatives of scalars by vectors and matrices, at random inputs in f64; equation numbers of Petersen and
 * Pedersen, <em>The Matrix Cookbook</em> (2012). Forwards and backwards, to 1e-9 of the largest element.
 */
class MatrixCalculusTest {
    private static final int N = 5;

    private static Tensor random(int seed, int... shape) {
        return Key.of(seed).normal(DType.F64, shape).realized();
    }

    private static Tensor trace(Tensor m) {
        return m.mul(Tensor.eye(m.dim(0)).to(DType.F64)).sum();
    }

    /** A scalar function of a vector or matrix, and what the table says of its gradient. */
    private record Identity(String name, Tensor at, UnaryOperator<Tensor> f, UnaryOperator<Tensor> gradient) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Identity> identities() {
        Tensor a = random(1, N, 1);
        Tensor b = random(2, N, 1);
        Tensor c = random(3, N, 1);
        Tensor d = random(4, N, 1);
        Tensor bb = random(5, N, N);
        Tensor cc = random(6, N, N);
        Tensor dd = random(7, N, N);
        Tensor x = random(8, N, 1);
        Tensor xx = random(9, N, N);
        return Stream.of(
                new Identity("(69) x'a: a", x, v -> v.t().matmul(a), v -> a),
                new Identity("(70) a'Xb: ab'", xx, m -> a.t().matmul(m).matmul(b), m -> a.matmul(b.t())),
                new Identity("(71) a'X'b: ba'", xx, m -> a.t().matmul(m.t()).matmul(b), m -> b.matmul(a.t())),
                new Identity(
                        "(81) x'Bx: (B + B')x",
                        x,
                        v -> v.t().matmul(bb).matmul(v),
                        v -> bb.add(bb.t()).matmul(v)),
                new Identity(
                        "(77) b'X'Xc: X(bc' + cb')",
                        xx,
                        m -> b.t().matmul(m.t()).matmul(m).matmul(c),
                        m -> m.matmul(b.matmul(c.t()).add(c.matmul(b.t())))),
                new Identity(
                        "(78) (Bx + b)'C(Dx + d): B'C(Dx + d) + D'C'(Bx + b)",
                        x,
                        v -> bb.matmul(v)
                                .add(b)
                                .t()
                                .matmul(cc)
                                .matmul(dd.matmul(v).add(d)),
                        v -> bb.t()
                                .matmul(cc)
                                .matmul(dd.matmul(v).add(d))
                                .add(dd.t().matmul(cc.t()).matmul(bb.matmul(v).add(b)))),
                new Identity(
                        "(82) b'X'DXc: D'Xbc' + DXcb'",
                        xx,
                        m -> b.t().matmul(m.t()).matmul(dd).matmul(m).matmul(c),
                        m -> dd.t()
                                .matmul(m)
                                .matmul(b)
                                .matmul(c.t())
                                .add(dd.matmul(m).matmul(c).matmul(b.t()))),
                new Identity(
                        "(83) (Xb + c)'D(Xb + c): (D + D')(Xb + c)b'",
                        xx,
                        m -> m.matmul(b)
                                .add(c)
                                .t()
                                .matmul(dd)
                                .matmul(m.matmul(b).add(c)),
                        m -> dd.add(dd.t()).matmul(m.matmul(b).add(c)).matmul(b.t())),
                new Identity("(100) Tr(XB): B'", xx, m -> trace(m.matmul(bb)), m -> bb.t()),
                new Identity(
                        "(101) Tr(BXC): B'C'",
                        xx,
                        m -> trace(bb.matmul(m).matmul(cc)),
                        m -> bb.t().matmul(cc.t())),
                new Identity("(106) Tr(X²): 2X'", xx, m -> trace(m.matmul(m)), m -> m.t().mul(2)),
                new Identity(
                        "(108) Tr(X'BX): BX + B'X",
                        xx,
                        m -> trace(m.t().matmul(bb).matmul(m)),
                        m -> bb.add(bb.t()).matmul(m)),
                new Identity(
                        "‖Xb − c‖² (by 83): 2(Xb − c)b'",
                        xx,
                        m -> m.matmul(b).sub(c).square().sum(),
                        m -> m.matmul(b).sub(c).matmul(b.t()).mul(2)));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void holds(Identity identity) {
        Tensor x = identity.at;
        UnaryOperator<Tensor> f = v -> identity.f.apply(v).sum();
        double[] wanted = identity.gradient.apply(x).toDoubleArray();
        double largest = identity.gradient.apply(x).abs().max().item();
        assertThat(Transform.grad(f).apply(x).toDoubleArray()).containsExactly(wanted, within(1e-9 * largest));
        assertThat(Transform.jacfwd(f).apply(x).toDoubleArray()).containsExactly(wanted, within(1e-9 * largest));
    }
}
