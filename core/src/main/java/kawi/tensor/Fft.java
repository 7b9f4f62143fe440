package kawi.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Fourier;
import kawi.graph.Node;

/**
 * Discrete Fourier transforms of any length, as in {@code torch.fft} and {@code numpy.fft}. A complex tensor {@code z} is a real one with
 * a last axis of extent 2, real and imaginary part; axes are counted without it, so {@code axis} −1 is the last axis of
 * complex numbers. Transforms sum as they are, inverses divide by n (the norm "backward"). All are linear and
 * differentiable.
 */
public final class Fft {
    private Fft() {}

    // Complex numbers

    /** The complex numbers re + i·im. */
    public static Tensor complex(Tensor re, Tensor im) {
        Shape s = Shape.broadcast(re.shape(), im.shape());
        if (s == null) {
            throw new KawiException("complex: shapes %s and %s do not broadcast".formatted(re.shape(), im.shape()));
        }
        return Tensor.stack(
                -1, Arithmetic.real(re).expand(s.dims()), Arithmetic.real(im).expand(s.dims()));
    }

    /** Real parts. */
    public static Tensor real(Tensor z) {
        return needComplex("real", z).select(-1, 0);
    }

    /** Imaginary parts. */
    public static Tensor imag(Tensor z) {
        return needComplex("imag", z).select(-1, 1);
    }

    /** re − i·im. */
    public static Tensor conj(Tensor z) {
        return Tensor.stack(-1, real(z), imag(z).neg());
    }

    /** √(re² + im²). */
    public static Tensor abs(Tensor z) {
        return real(z).hypot(imag(z));
    }

    /** The angle from the real axis, from −π to π. */
    public static Tensor angle(Tensor z) {
        return imag(z).atan2(real(z));
    }

    /** The product of complex numbers. */
    public static Tensor mul(Tensor z, Tensor w) {
        Tensor re = real(z).mul(real(w)).sub(imag(z).mul(imag(w)));
        Tensor im = real(z).mul(imag(w)).add(imag(z).mul(real(w)));
        return Tensor.stack(-1, re, im);
    }

    /** r·(cos φ + i·sin φ). */
    public static Tensor polar(Tensor r, Tensor angle) {
        return Tensor.stack(-1, r.mul(angle.cos()), r.mul(angle.sin()));
    }

    private static Tensor needComplex(String what, Tensor z) {
        if (z.rank() == 0 || z.dim(-1) != 2 || !z.dtype().isFloat()) {
            throw new KawiException(
                    "%s: complex numbers have a last axis of extent 2, real and imaginary parts, but %s was given; make them with Fft.complex"
                            .formatted(what, z.type()));
        }
        return z;
    }

    // One axis

    private static Tensor transform(String what, Tensor z, int axis, boolean inverse) {
        Tensor lines = Moving.moveAxes(z, new int[] {axis}, new int[] {-2});
        if (lines.dim(-2) == 0) {
            throw new KawiException("%s: axis %d of complex shape %s is empty"
                    .formatted(what, axis, z.shape().without(z.rank() - 1, z.rank())));
        }
        Tensor y = Tensor.of(Node.of(new Fourier.Dft(inverse), lines.node()));
        return Moving.moveAxes(y, new int[] {-2}, new int[] {axis});
    }

    /** The axis of the real tensor, counted from the front. */
    private static int axis(String what, Tensor z, int axis) {
        return needComplex(what, z).shape().without(z.rank() - 1, z.rank()).axis(axis, what);
    }

    /** Cut off or followed by zeros, so that an axis has extent n. */
    private static Tensor sized(String what, Tensor x, int axis, int n) {
        needPlace(what, n);
        int had = x.dim(axis);
        return had >= n ? x.slice(axis, 0, n) : x.pad(axis, 0, n - had, 0);
    }

    private static void needPlace(String what, int n) {
        if (n < 1) {
            throw new KawiException(what + ": a transform has at least 1 place, but " + n + " was given");
        }
    }

    /** yₖ = Σⱼ zⱼ e^(−2πi jk/n) along the last axis. */
    public static Tensor fft(Tensor z) {
        return fft(z, -1);
    }

    /** yₖ = Σⱼ zⱼ e^(−2πi jk/n) along an axis. */
    public static Tensor fft(Tensor z, int axis) {
        return transform("fft", z, axis("fft", z, axis), false);
    }

    /** The same of n numbers: z cut off, or followed by zeros. */
    public static Tensor fft(Tensor z, int axis, int n) {
        return fft(sized("fft", z, axis("fft", z, axis), n), axis);
    }

    /** zⱼ = 1/n Σₖ yₖ e^(2πi jk/n) along the last axis. */
    public static Tensor ifft(Tensor z) {
        return ifft(z, -1);
    }

    /** zⱼ = 1/n Σₖ yₖ e^(2πi jk/n) along an axis. */
    public static Tensor ifft(Tensor z, int axis) {
        int a = axis("ifft", z, axis);
        return transform("ifft", z, a, true).div(z.dim(a));
    }

    /** The same of n numbers: z cut off, or followed by zeros. */
    public static Tensor ifft(Tensor z, int axis, int n) {
        return ifft(sized("ifft", z, axis("ifft", z, axis), n), axis);
    }

    /** The first ⌊n/2⌋ + 1 numbers of the transform of real numbers along the last axis; the others are their conjugates. */
    public static Tensor rfft(Tensor x) {
        return rfft(x, -1);
    }

    /** The first ⌊n/2⌋ + 1 numbers of the transform of real numbers along an axis. */
    public static Tensor rfft(Tensor x, int axis) {
        int a = x.shape().axis(axis, "rfft");
        Tensor r = Arithmetic.real(x);
        return transform("rfft", complex(r, Tensor.zeros(r.dtype())), a, false).slice(a, 0, x.dim(a) / 2 + 1);
    }

    /** The same of n numbers: x cut off, or followed by zeros. */
    public static Tensor rfft(Tensor x, int axis, int n) {
        return rfft(sized("rfft", x, x.shape().axis(axis, "rfft"), n), axis);
    }

    /** The n real numbers whose {@link #rfft} along the last axis this is. */
    public static Tensor irfft(Tensor z, int n) {
        return irfft(z, -1, n);
    }

    /** The n real numbers whose {@link #rfft} along an axis this is; what a real line cannot have is not looked at. */
    public static Tensor irfft(Tensor z, int axis, int n) {
        needPlace("irfft", n);
        int a = axis("irfft", z, axis);
        Tensor half = sized("irfft", z, a, n / 2 + 1);
        Tensor rest = conj(half.slice(a, 1, (n + 1) / 2)).flip(a);
        return real(transform("irfft", Tensor.concat(a, half, rest), a, true)).div(n);
    }

    // Several axes

    /** The transform along several axes; none given are all. */
    public static Tensor fftn(Tensor z, int... axes) {
        Tensor y = z;
        for (int axis : all("fftn", z, axes)) {
            y = fft(y, axis);
        }
        return y;
    }

    /** The inverse of {@link #fftn}. */
    public static Tensor ifftn(Tensor z, int... axes) {
        Tensor y = z;
        for (int axis : all("ifftn", z, axes)) {
            y = ifft(y, axis);
        }
        return y;
    }

    private static int[] all(String what, Tensor z, int... axes) {
        needComplex(what, z);
        return axes.length == 0 ? IntStream.range(0, z.rank() - 1).toArray() : axes;
    }

    /** The transform along the last two axes. */
    public static Tensor fft2(Tensor z) {
        return fftn(z, -2, -1);
    }

    /** The inverse of {@link #fft2}. */
    public static Tensor ifft2(Tensor z) {
        return ifftn(z, -2, -1);
    }

    /** The transform of real numbers along the last two axes, the last one halved as by {@link #rfft}. */
    public static Tensor rfft2(Tensor x) {
        return fft(rfft(x, -1), -2);
    }

    /** The real numbers whose {@link #rfft2} this is, with last extent n. */
    public static Tensor irfft2(Tensor z, int n) {
        return irfft(ifft(z, -2), -1, n);
    }

    // Frequencies

    /** The frequency of each place of a transform of n numbers, d apart: 0, 1, …, −2, −1 over d·n; {@code F32}. */
    public static Tensor fftfreq(int n, double d) {
        Tensor k = Tensor.arange(n);
        return Tensor.where(k.ge((n + 1) / 2), k.sub(n), k).to(DType.F32).div(d * n);
    }

    /** The frequencies of {@link #rfft}: 0 to ⌊n/2⌋ over d·n; {@code F32}. */
    public static Tensor rfftfreq(int n, double d) {
        return Tensor.arange(n / 2 + 1).to(DType.F32).div(d * n);
    }

    /** Frequency 0 brought to the middle along axes of the tensor as it is (of complex ones count the last axis too). */
    public static Tensor fftshift(Tensor x, int... axes) {
        Tensor y = x;
        for (int a : Arrays.stream(axes).map(i -> x.shape().axis(i, "fftshift")).toArray()) {
            y = y.roll(x.dim(a) / 2, a);
        }
        return y;
    }

    /** The inverse of {@link #fftshift}. */
    public static Tensor ifftshift(Tensor x, int... axes) {
        Tensor y = x;
        for (int a :
                Arrays.stream(axes).map(i -> x.shape().axis(i, "ifftshift")).toArray()) {
            y = y.roll(-(x.dim(a) / 2), a);
        }
        return y;
    }
}
