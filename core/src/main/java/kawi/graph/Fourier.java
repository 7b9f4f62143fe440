package kawi.graph;

import java.util.List;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** The discrete Fourier transform. */
public final class Fourier {
    private Fourier() {}

    /**
     * {@code [batch…, n, 2] → [batch…, n, 2]}: yₖ = Σⱼ xⱼ e^(∓2πi jk/n) of complex numbers, whose real and imaginary parts lie
     * along the last axis; the upper sign is the transform, the lower its inverse times n. As a real linear map each
     * is the transpose of the other.
     */
    public record Dft(boolean inverse) implements Op {
        @Override
        public String label() {
            return inverse ? "inverseDft" : "dft";
        }

        @Override
        public Type infer(List<Type> in) {
            Type t = in.get(0);
            if (!t.dtype().isFloat() || t.shape().rank() < 2 || t.shape().dim(-1) != 2) {
                throw new KawiException(
                        "%s: floating-point numbers with a last axis of extent 2 (real and imaginary parts) are needed, but %s was given"
                                .formatted(label(), t));
            }
            return t;
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray x = in.get(0);
            HostArray out = new HostArray(result);
            Shape s = x.shape();
            int n = s.dim(-2);
            int batches = (int) s.product(0, s.rank() - 2);
            for (int b = 0; b < batches; b++) {
                for (int k = 0; k < n; k++) {
                    double real = 0;
                    double imaginary = 0;
                    for (int j = 0; j < n; j++) {
                        double angle = 2 * Math.PI * ((long) j * k % n) / n;
                        double c = Math.cos(angle);
                        double d = inverse ? Math.sin(angle) : -Math.sin(angle);
                        double re = x.getDouble(2 * (b * n + j));
                        double im = x.getDouble(2 * (b * n + j) + 1);
                        real += re * c - im * d;
                        imaginary += re * d + im * c;
                    }
                    out.set(2 * (b * n + k), real);
                    out.set(2 * (b * n + k) + 1, imaginary);
                }
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {Node.of(new Dft(!inverse), g)};
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.LINEAR;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(this);
        }
    }
}
