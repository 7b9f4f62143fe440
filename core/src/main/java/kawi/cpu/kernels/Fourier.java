package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;
import org.jspecify.annotations.Nullable;

/**
 * The discrete Fourier transform of any length n in O(n log n): decimation in time by the factors of n (Cooley and Tukey 1965); where
 * n has a prime factor above {@link #LARGEST_PRIME}, as a convolution with a chirp (Bluestein 1970). Whatever the type it is
 * computed in double precision, each line by one thread, so the bits do not depend on the machine.
 */
public final class Fourier {
    private static final int LARGEST_PRIME = 31;

    private final int n;
    /** e^(−2πik/n) for k = 0 … n − 1. */
    private final double[] cos;

    private final double[] sin;
    private final @Nullable Chirp chirp;

    /** e^(−πik²/n), and the transform of its conjugate by a longer transform. */
    private record Chirp(Fourier longer, double[] cos, double[] sin, double[] real, double[] imaginary) {}

    /** Prepares the transform of lines of {@code n} complex numbers. */
    public Fourier(int n) {
        this.n = n;
        boolean large = largestPrime(n) > LARGEST_PRIME;
        cos = new double[large ? 0 : n];
        sin = new double[large ? 0 : n];
        for (int k = 0; k < cos.length; k++) {
            cos[k] = StrictMath.cos(2 * Math.PI * k / n);
            sin[k] = -StrictMath.sin(2 * Math.PI * k / n);
        }
        chirp = large ? chirp(n) : null;
    }

    private static int largestPrime(int n) {
        int rest = n;
        int largest = 1;
        for (int p = 2; (long) p * p <= rest; p++) {
            while (rest % p == 0) {
                rest /= p;
                largest = p;
            }
        }
        return Math.max(largest, rest);
    }

    private static Chirp chirp(int n) {
        int longer = Math.toIntExact(Long.highestOneBit(2L * n - 1) * 2);
        double[] cos = new double[n];
        double[] sin = new double[n];
        double[] real = new double[longer];
        double[] imaginary = new double[longer];
        for (int k = 0; k < n; k++) {
            double angle = Math.PI * ((long) k * k % (2L * n)) / n;
            cos[k] = StrictMath.cos(angle);
            sin[k] = -StrictMath.sin(angle);
            int mirrored = k == 0 ? 0 : longer - k;
            real[k] = real[mirrored] = cos[k];
            imaginary[k] = imaginary[mirrored] = -sin[k];
        }
        Fourier transform = new Fourier(longer);
        double[] re = new double[longer];
        double[] im = new double[longer];
        transform.line(real, imaginary, re, im);
        return new Chirp(transform, cos, sin, re, im);
    }

    /** Transforms {@code lines} lines of x, [n, 2] each, into y; the inverse is not divided by n. */
    public void run(Workers workers, boolean single, boolean inverse, int lines, MemorySegment x, MemorySegment y) {
        Gather.forRanges(workers, lines, 2 * n, (line0, line1) -> {
            double[][] work = new double[4][n];
            for (int line = line0; line < line1; line++) {
                long from = 2L * line * n;
                // the inverse is the transform with real and imaginary parts exchanged
                int first = inverse ? 1 : 0;
                for (int i = 0; i < n; i++) {
                    work[first][i] = Elements.real(single, x, from + 2L * i);
                    work[1 - first][i] = Elements.real(single, x, from + 2L * i + 1);
                }
                line(work[0], work[1], work[2], work[3]);
                for (int i = 0; i < n; i++) {
                    Elements.setReal(single, y, from + 2L * i, work[2 + first][i]);
                    Elements.setReal(single, y, from + 2L * i + 1, work[3 - first][i]);
                }
            }
        });
    }

    private void line(double[] re, double[] im, double[] outRe, double[] outIm) {
        if (chirp == null) {
            factor(n, re, im, 0, 1, outRe, outIm, 0);
            return;
        }
        int longer = chirp.longer.n;
        double[] a = new double[longer];
        double[] b = new double[longer];
        double[] c = new double[longer];
        double[] d = new double[longer];
        for (int k = 0; k < n; k++) {
            a[k] = re[k] * chirp.cos[k] - im[k] * chirp.sin[k];
            b[k] = re[k] * chirp.sin[k] + im[k] * chirp.cos[k];
        }
        chirp.longer.line(a, b, c, d);
        for (int k = 0; k < longer; k++) {
            a[k] = c[k] * chirp.real[k] - d[k] * chirp.imaginary[k];
            b[k] = c[k] * chirp.imaginary[k] + d[k] * chirp.real[k];
        }
        chirp.longer.line(b, a, d, c); // parts exchanged: the inverse
        for (int k = 0; k < n; k++) {
            outRe[k] = (c[k] * chirp.cos[k] - d[k] * chirp.sin[k]) / longer;
            outIm[k] = (c[k] * chirp.sin[k] + d[k] * chirp.cos[k]) / longer;
        }
    }

    /** The transform of {@code length} numbers, {@code stride} apart, into adjacent places. */
    private void factor(
            int length, double[] re, double[] im, int from, int stride, double[] outRe, double[] outIm, int to) {
        if (length <= 1) {
            if (length == 1) {
                outRe[to] = re[from];
                outIm[to] = im[from];
            }
            return;
        }
        int p = length % 4 == 0 ? 4 : 2;
        while (length % p != 0) {
            p++;
        }
        int m = length / p;
        for (int q = 0; q < p; q++) {
            factor(m, re, im, from + q * stride, stride * p, outRe, outIm, to + q * m);
        }
        if (p == 2) {
            two(m, stride, outRe, outIm, to);
        } else if (p == 4) {
            four(m, stride, outRe, outIm, to);
        } else {
            any(p, m, stride, outRe, outIm, to);
        }
    }

    private void two(int m, int stride, double[] re, double[] im, int to) {
        for (int k = 0; k < m; k++) {
            int a = to + k;
            int b = a + m;
            double c = cos[k * stride];
            double s = sin[k * stride];
            double br = re[b] * c - im[b] * s;
            double bi = re[b] * s + im[b] * c;
            re[b] = re[a] - br;
            im[b] = im[a] - bi;
            re[a] += br;
            im[a] += bi;
        }
    }

    private void four(int m, int stride, double[] re, double[] im, int to) {
        for (int k = 0; k < m; k++) {
            int a = to + k;
            int b = a + m;
            int c = b + m;
            int d = c + m;
            int t = k * stride;
            double br = re[b] * cos[t] - im[b] * sin[t];
            double bi = re[b] * sin[t] + im[b] * cos[t];
            double cr = re[c] * cos[2 * t] - im[c] * sin[2 * t];
            double ci = re[c] * sin[2 * t] + im[c] * cos[2 * t];
            double dr = re[d] * cos[3 * t] - im[d] * sin[3 * t];
            double di = re[d] * sin[3 * t] + im[d] * cos[3 * t];
            double evenR = re[a] + cr;
            double evenI = im[a] + ci;
            double oddR = re[a] - cr;
            double oddI = im[a] - ci;
            double sumR = br + dr;
            double sumI = bi + di;
            double turnedR = bi - di; // −i(b − d)
            double turnedI = dr - br;
            re[a] = evenR + sumR;
            im[a] = evenI + sumI;
            re[b] = oddR + turnedR;
            im[b] = oddI + turnedI;
            re[c] = evenR - sumR;
            im[c] = evenI - sumI;
            re[d] = oddR - turnedR;
            im[d] = oddI - turnedI;
        }
    }

    private void any(int p, int m, int stride, double[] re, double[] im, int to) {
        double[] r = new double[p];
        double[] i = new double[p];
        int turn = m * stride; // e^(−2πi/p) in steps of the table
        for (int k = 0; k < m; k++) {
            for (int q = 0; q < p; q++) {
                int at = to + q * m + k;
                int t = q * k * stride;
                r[q] = re[at] * cos[t] - im[at] * sin[t];
                i[q] = re[at] * sin[t] + im[at] * cos[t];
            }
            for (int row = 0; row < p; row++) {
                double sumR = 0;
                double sumI = 0;
                for (int q = 0; q < p; q++) {
                    int t = row * q % p * turn;
                    sumR += r[q] * cos[t] - i[q] * sin[t];
                    sumI += r[q] * sin[t] + i[q] * cos[t];
                }
                re[to + row * m + k] = sumR;
                im[to + row * m + k] = sumI;
            }
        }
    }
}
