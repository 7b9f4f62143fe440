package kawi.cpu.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kawi.base.DType;

/**
 * The kernels of {@link Winograd} at one vector width, the fastest there are at the moment. All of them work on panels: rows of
 * {@code width} adjacent channels.
 *
 * @param tall multiplies many rows of a panel by the weights; {@code low} few
 * @param byDepth multiplies {@code lowRows} columns of a panel, over all its rows, by another panel
 * @param add y = x0 + x1
 * @param check y = x0 + 0 · x1 + … + 0 · x4, which is finite if all of them are
 */
record WinogradKernels(
        int width,
        int tallRows,
        int lowRows,
        Packer packer,
        MicroKernel tall,
        MicroKernel low,
        MicroKernel byDepth,
        LinearMap image,
        LinearMap weights,
        LinearMap result,
        LinearMap resultAdjoint,
        LinearMap weightsAdjoint,
        LinearMap add,
        LinearMap check) {
    private static final Map<String, Warming<MicroKernel>> PRODUCTS = new ConcurrentHashMap<>();
    private static final Map<String, Warming<LinearMap>> MAPS = new ConcurrentHashMap<>();

    private static final float[][] ADD = {{1, 1}};
    private static final float[][] CHECK = {{1, 0, 0, 0, 0}};

    /** A vector multiply-add takes 0.2 to 0.4 ns, badly compiled four times that, with boxed vectors 18 ns. */
    private static final double GOOD_NANOS = 0.6;

    private static final double BOXED_NANOS = 2;

    /** For vectors of {@code bits} bits, 0 for plain loops. */
    static WinogradKernels of(int bits) {
        int width = bits == 0 ? 16 : bits / 16;
        // A kernel of 12 rows is so large that C2 sometimes reaches its node budget and stops inlining.
        int tall = bits == 512 ? 10 : 6;
        int low = bits == 512 ? 8 : 4;
        Tile tile = Tile.of(DType.F32, bits);
        return new WinogradKernels(
                width,
                tall,
                low,
                tile.packer(),
                product(bits, tall, width, 4, width * 4),
                product(bits, low, width, 4, width * 4),
                product(bits, low, width, width * 4, 4),
                map(bits, "image", Winograd.B, false),
                map(bits, "weights", Winograd.G, false),
                map(bits, "result", Winograd.A, false),
                map(bits, "result adjoint", Winograd.transposed(Winograd.A), false),
                map(bits, "weights adjoint", Winograd.transposed(Winograd.G), false),
                map(bits, "add", ADD, false),
                map(bits, "check", CHECK, true));
    }

    private static MicroKernel product(int bits, int rows, int width, int depthBytes, int lineBytes) {
        return PRODUCTS.computeIfAbsent(bits + "/" + rows + "/" + lineBytes, _ -> {
                    MicroKernel plain = new PlainPanelKernel(rows, width, depthBytes, lineBytes);
                    double fmas = rows * 2.0 * Warming.DEPTH;
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(
                                    plain,
                                    () -> MicroKernelEmitter.emit(DType.F32, bits, rows, 2, depthBytes, lineBytes),
                                    kernel -> trial(kernel, width),
                                    fmas * GOOD_NANOS,
                                    fmas * BOXED_NANOS);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(MicroKernel kernel, int width) {
        MemorySegment data = Arena.ofAuto().allocate(Warming.DEPTH * width * 4L * 2, 64);
        int[] none = {};
        return depth -> kernel.run(data, 0, none, 0, none, 0, data, 0, depth, data, 0, width * 4L, data, 0, width * 4L);
    }

    private static LinearMap map(int bits, String name, float[][] matrix, boolean withZeros) {
        return MAPS.computeIfAbsent(bits + "/" + name, _ -> {
                    LinearMap plain = new PlainLinearMap(matrix, withZeros, bits == 0 ? 16 : bits / 16);
                    return bits == 0
                            ? Warming.never(plain)
                            : Warming.start(
                                    plain,
                                    () -> LinearMapEmitter.emit(bits, matrix, withZeros),
                                    kernel -> trial(kernel, bits / 16),
                                    600,
                                    4_000);
                })
                .kernel();
    }

    private static WarmUp.Kernel trial(LinearMap map, int width) {
        MemorySegment x = Arena.ofAuto().allocate(8192, 64);
        MemorySegment y = Arena.ofAuto().allocate(8192, 64);
        int[] zeros = new int[64];
        long step = width * 4L;
        return rows -> map.apply(x, 0, step, zeros, Math.min(rows, 6), 2, y, 0, step, step, step);
    }
}
