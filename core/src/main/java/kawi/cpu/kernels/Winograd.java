package kawi.cpu.kernels;

/**
 * Convolution with 3 × 3 weights in tiles of 4 × 4 results, each from 6 × 6 values x and weights w, with 36 multiplications
 * instead of 144 (Winograd 1980; Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", section 4):
 *
 * <pre>  y = A · [(G · w · Gᵀ) ⊙ (B · x · Bᵀ)] · Aᵀ</pre>
 *
 * B evaluates x, and G evaluates w, as polynomials at six points, one of them infinity; A evaluates the product's dual
 * (transposition principle). Summed over channels, ⊙ becomes 36 products of matrices. The derivative by the weights is the
 * adjoint of the same formula.
 *
 * <p>Points 0, ±5/8, ±3/2 keep all numbers close to 1: measured over 64 channels of normal values, the error is 1.8 times
 * that of the plain sum, where the usual 0, ±1, ±2 give 4.3 times. All coefficients of A and B are exact in {@code F32}.
 */
final class Winograd {
    /** Rows and columns of a tile of results, of the weights, and of what a tile sees. */
    static final int RESULT = 4;

    static final int KERNEL = 3;
    static final int SIZE = RESULT + KERNEL - 1;
    static final int POSITIONS = SIZE * SIZE;

    private static final double[] POINTS = {0, 0.625, -0.625, 1.5, -1.5};

    /** 6 × 6, for what is read. */
    static final float[][] B = new float[SIZE][SIZE];

    /** 6 × 3, for weights. */
    static final float[][] G = new float[SIZE][KERNEL];

    /** 4 × 6, for results. */
    static final float[][] A = new float[RESULT][SIZE];

    static {
        for (int j = 0; j < SIZE; j++) {
            boolean infinity = j == POINTS.length;
            double[] others = {1};
            double scale = 1;
            for (int l = 0; l < POINTS.length; l++) {
                if (l != j) {
                    others = timesRoot(others, POINTS[l]);
                    scale *= infinity ? 1 : POINTS[j] - POINTS[l];
                }
            }
            for (int i = 0; i < others.length; i++) {
                B[j][i] = (float) others[i];
            }
            for (int i = 0; i < KERNEL; i++) {
                G[j][i] = (float) ((infinity ? i == KERNEL - 1 ? 1 : 0 : Math.pow(POINTS[j], i)) / scale);
            }
            for (int i = 0; i < RESULT; i++) {
                A[i][j] = (float) (infinity ? i == RESULT - 1 ? 1 : 0 : Math.pow(POINTS[j], i));
            }
        }
    }

    /** Channels come in multiples of this, the widest vector; fewer would not pay for the transformations. */
    private static final int CHANNELS = 16;

    /** To transform the weights takes as long as 10 to 20 tiles save (measured with 32 and with 512 channels). */
    private static final int LEAST_TILES = 32;

    /** Four times the weights themselves; 512 by 512 channels need 38 MB. */
    private static final long MOST_WEIGHT_BYTES = 64 << 20;

    private Winograd() {}

    /** Coefficients of the polynomial times (x - root). */
    private static double[] timesRoot(double[] polynomial, double root) {
        double[] product = new double[polynomial.length + 1];
        for (int i = 0; i < polynomial.length; i++) {
            product[i] -= root * polynomial[i];
            product[i + 1] += polynomial[i];
        }
        return product;
    }

    static float[][] transposed(float[][] matrix) {
        float[][] result = new float[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                result[j][i] = matrix[i][j];
            }
        }
        return result;
    }

    /** Whether a correlation is computed in this way: by its shape alone. */
    static boolean takes(Correlation c) {
        long tiles = (long) c.batch() * Math.ceilDiv(c.outH(), RESULT) * Math.ceilDiv(c.outW(), RESULT);
        return can(c) && tiles >= LEAST_TILES;
    }

    /** Whether it could be. */
    static boolean can(Correlation c) {
        return !c.empty()
                && c.groups() == 1
                && c.planes().strideH() == 1
                && c.planes().strideW() == 1
                && c.parts().size() == 1
                && c.parts().getFirst().taps().length == KERNEL * KERNEL
                && squareOfTaps(c.parts().getFirst())
                && c.inChannels() % CHANNELS == 0
                && c.outChannels() % CHANNELS == 0
                && c.outH() >= RESULT
                && c.outW() >= RESULT
                && fits(c);
    }

    /** Whether the transformed weights take no more memory than is reasonable, and byte offsets of pixels fit into ints. */
    private static boolean fits(Correlation c) {
        long weights = 4L * POSITIONS * c.inChannels() * c.outChannels();
        long pixels = 4L * SIZE * (c.outW() + SIZE) * (Math.max(c.inChannels(), c.outChannels()) + 32);
        return weights <= MOST_WEIGHT_BYTES && pixels <= Integer.MAX_VALUE;
    }

    private static boolean squareOfTaps(Correlation.Part part) {
        int[] places = new int[KERNEL * KERNEL];
        for (int t = 0; t < places.length; t++) {
            if (part.tapRows()[t] >= KERNEL || part.tapColumns()[t] >= KERNEL) {
                return false;
            }
            places[part.tapRows()[t] * KERNEL + part.tapColumns()[t]]++;
        }
        for (int n : places) {
            if (n != 1) {
                return false;
            }
        }
        return true;
    }
}
