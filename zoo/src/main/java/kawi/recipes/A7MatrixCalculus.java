package kawi.recipes;

import static kawi.linalg.Linalg.det;
import static kawi.linalg.Linalg.inv;
import static kawi.linalg.Linalg.slogdet;
import static kawi.linalg.Linalg.trace;
import static kawi.recipes.Closeness.relativeError;

import java.util.List;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * The table of derivatives that every course hands out, held at random matrices: the gradient of each scalar function by reverse mode and
 * by forward mode against the formula. The numbers are the equations of Petersen and Pedersen, <em>The Matrix Cookbook</em> (version of
 * November 15, 2012); x' is the transpose.
 */
final class A7MatrixCalculus implements Demonstration {
    private static final int N = 6;

    /** A scalar function of a vector or matrix, and what the table says of its gradient. */
    private record Identity(
            String equation,
            String function,
            String derivative,
            Tensor at,
            UnaryOperator<Tensor> f,
            UnaryOperator<Tensor> gradient) {}

    @Override
    public String id() {
        return "A7";
    }

    @Override
    public String sentence() {
        return "every identity of the matrix-calculus table holds, forwards and backwards";
    }

    @Override
    public void run(Report report) {
        double worst = 0;
        int held = 0;
        report.say("%-7s %-18s %-34s %s", "eq.", "f", "∂f", "error backwards, forwards");
        for (Identity identity : table()) {
            UnaryOperator<Tensor> f = x -> identity.f.apply(x).sum(); // [1, 1] → []
            Tensor wanted = identity.gradient.apply(identity.at);
            double backwards = relativeError(Transform.grad(f).apply(identity.at), wanted);
            double forwards = relativeError(Transform.jacfwd(f).apply(identity.at), wanted);
            report.say(
                    "%-7s %-18s %-34s %.1e  %.1e",
                    identity.equation, identity.function, identity.derivative, backwards, forwards);
            worst = Math.max(worst, Math.max(backwards, forwards));
            held += backwards <= 1e-9 && forwards <= 1e-9 ? 1 : 0;
        }
        report.figure("identities", "identities that hold", held, Reference.exactly(table().size()));
        report.figure("error", "largest relative error", worst, Reference.atMost(1e-9));
    }

    /** Vectors are columns {@code [N, 1]}, so that every product is one of matrices. */
    private static List<Identity> table() {
        Tensor a = random(1, N, 1);
        Tensor b = random(2, N, 1);
        Tensor c = random(3, N, 1);
        Tensor d = random(4, N, 1);
        Tensor bb = random(5, N, N);
        Tensor cc = random(6, N, N);
        Tensor dd = random(7, N, N);
        Tensor x = random(8, N, 1);
        Tensor xx = random(9, N, N);
        return List.of(
                new Identity("(69)", "x'a", "a", x, v -> product(v.t(), a), v -> a),
                new Identity("(70)", "a'Xb", "ab'", xx, m -> product(a.t(), m, b), m -> product(a, b.t())),
                new Identity("(71)", "a'X'b", "ba'", xx, m -> product(a.t(), m.t(), b), m -> product(b, a.t())),
                new Identity(
                        "(81)", "x'Bx", "(B + B')x", x, v -> product(v.t(), bb, v), v -> product(bb.add(bb.t()), v)),
                new Identity(
                        "(77)",
                        "b'X'Xc",
                        "X(bc' + cb')",
                        xx,
                        m -> product(b.t(), m.t(), m, c),
                        m -> product(m, product(b, c.t()).add(product(c, b.t())))),
                new Identity(
                        "(78)",
                        "(Bx + b)'C(Dx + d)",
                        "B'C(Dx + d) + D'C'(Bx + b)",
                        x,
                        v -> product(affine(bb, v, b).t(), cc, affine(dd, v, d)),
                        v -> product(bb.t(), cc, affine(dd, v, d)).add(product(dd.t(), cc.t(), affine(bb, v, b)))),
                new Identity(
                        "(82)",
                        "b'X'DXc",
                        "D'Xbc' + DXcb'",
                        xx,
                        m -> product(b.t(), m.t(), dd, m, c),
                        m -> product(dd.t(), m, b, c.t()).add(product(dd, m, c, b.t()))),
                new Identity(
                        "(83)",
                        "(Xb + c)'D(Xb + c)",
                        "(D + D')(Xb + c)b'",
                        xx,
                        m -> product(affine(m, b, c).t(), dd, affine(m, b, c)),
                        m -> product(dd.add(dd.t()), affine(m, b, c), b.t())),
                new Identity(
                        "by (83)",
                        "‖Xb − c‖²",
                        "2(Xb − c)b'",
                        xx,
                        m -> product(m, b).sub(c).square(),
                        m -> product(product(m, b).sub(c), b.t()).mul(2)),
                new Identity(
                        "(99)",
                        "Tr(X)",
                        "I",
                        xx,
                        m -> trace(m),
                        m -> Tensor.eye(N).to(DType.F64)),
                new Identity("(100)", "Tr(XA)", "A'", xx, m -> trace(product(m, bb)), m -> bb.t()),
                new Identity(
                        "(101)", "Tr(AXB)", "A'B'", xx, m -> trace(product(bb, m, cc)), m -> product(bb.t(), cc.t())),
                new Identity("(106)", "Tr(X²)", "2X'", xx, m -> trace(product(m, m)), m -> m.t().mul(2)),
                new Identity(
                        "(108)",
                        "Tr(X'BX)",
                        "BX + B'X",
                        xx,
                        m -> trace(product(m.t(), bb, m)),
                        m -> product(bb, m).add(product(bb.t(), m))),
                new Identity(
                        "(49)",
                        "det(X)",
                        "det(X)(X⁻¹)'",
                        xx,
                        m -> det(m),
                        m -> inv(m).t().mul(det(m))),
                new Identity("(57)", "ln|det(X)|", "(X⁻¹)'", xx, m -> slogdet(m).logAbsDet(), m -> inv(m).t()),
                new Identity(
                        "(61)",
                        "a'X⁻¹b",
                        "−(X⁻¹)'ab'(X⁻¹)'",
                        xx,
                        m -> product(a.t(), inv(m), b),
                        m -> product(inv(m).t(), a, b.t(), inv(m).t()).neg()),
                new Identity(
                        "(63)",
                        "Tr(AX⁻¹B)",
                        "−(X⁻¹BAX⁻¹)'",
                        xx,
                        m -> trace(product(bb, inv(m), cc)),
                        m -> product(inv(m), cc, bb, inv(m)).t().neg()));
    }

    private static Tensor random(int seed, int... shape) {
        return Key.of(seed).normal(DType.F64, shape).realized();
    }

    private static Tensor product(Tensor first, Tensor... others) {
        Tensor p = first;
        for (Tensor o : others) {
            p = p.matmul(o);
        }
        return p;
    }

    /** Ax + b. */
    private static Tensor affine(Tensor a, Tensor x, Tensor b) {
        return a.matmul(x).add(b);
    }
}
