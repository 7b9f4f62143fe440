package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.cpu.Workers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention bit for bit at every width of vectors, in plain loops and on any threads, from strided heads; values are in the op's tests. */
class AttentionTest {
    private static final int ALL = Integer.MAX_VALUE;

    /** heads, queries, keys, width, value width, diagonal. */
    static Stream<AttentionShape> shapes() {
        int[][] table = {
            {1, 1, 1, 1, 1, 0},
            {2, 7, 5, 3, 4, 0},
            {3, 65, 130, 17, 16, 65},
            {1, 200, 97, 64, 64, ALL},
            {1, 130, 130, 256, 33, 0},
            {1, 301, 301, 24, 20, 0},
            {2, 260, 190, 16, 24, -37},
            {1, 140, 200, 16, 16, 41},
            {16, 100, 100, 24, 40, 0},
            {2, 150, 60, 16, 16, -90},
            {1, 20, 300, 300, 8, ALL},
        };
        return Stream.of(table).map(t -> new AttentionShape(t[0], t[1], t[2], t[3], t[4], 0.2f, t[5]));
    }

    private static MemorySegment random(long n, long seed) {
        Random random = new Random(seed);
        MemorySegment m = Arena.ofAuto().allocate(n * 4 + 64, 64);
        for (long i = 0; i < n; i++) {
            m.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return m;
    }

    /** As a layer makes them: all heads of a place side by side, [T, heads, width] seen as [heads, T, width]. */
    private static HeadRows sideBySide(int heads, int rows, int width, long seed) {
        long[] offsets = new long[heads];
        for (int h = 0; h < heads; h++) {
            offsets[h] = (long) h * width;
        }
        return new HeadRows(random((long) heads * rows * width, seed), offsets, (long) heads * width, 1);
    }

    private static HeadRows gathered(HeadRows a, int heads, int rows, int width) {
        MemorySegment m = Arena.ofAuto().allocate(4L * heads * rows * width + 64, 64);
        long[] offsets = new long[heads];
        long at = 0;
        for (int h = 0; h < heads; h++) {
            offsets[h] = at;
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < width; c++) {
                    long from = a.offsets()[h] + r * a.rowStride() + c * a.columnStride();
                    m.setAtIndex(JAVA_FLOAT, at++, a.data().getAtIndex(JAVA_FLOAT, from));
                }
            }
        }
        return new HeadRows(m, offsets, width, 1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void widthsThreadsAndStridesDoNotShow(AttentionShape s) throws Exception {
        HeadRows q = sideBySide(s.heads(), s.queries(), s.width(), 1);
        HeadRows k = sideBySide(s.heads(), s.keys(), s.width(), 2);
        HeadRows v = sideBySide(s.heads(), s.keys(), s.valueWidth(), 3);
        HeadRows g = sideBySide(s.heads(), s.queries(), s.valueWidth(), 4);
        MemorySegment byLogs = random((long) s.heads() * s.queries(), 5);
        int outputs = s.heads() * s.queries() * (s.valueWidth() + 1);
        int derivatives = s.heads() * (s.queries() * s.width() + s.keys() * (s.width() + s.valueWidth()));
        MemorySegment expected = null;
        MemorySegment expectedDerivatives = null;
        for (int bits : new int[] {0, 128, 256, 512}) {
            Tile tile = Tile.of(DType.F32, bits);
            tile.awaitComplete();
            for (int threads : new int[] {1, 3}) {
                boolean copied = threads == 3;
                HeadRows query = copied ? gathered(q, s.heads(), s.queries(), s.width()) : q;
                HeadRows key = copied ? gathered(k, s.heads(), s.keys(), s.width()) : k;
                HeadRows by = copied ? gathered(g, s.heads(), s.queries(), s.valueWidth()) : g;
                Workers workers = Workers.of(threads);
                MemorySegment y = random(outputs, 6);
                AttentionForward.run(workers, tile, bits, s, query, key, v, y, 0);
                MemorySegment d = random(derivatives, 7);
                var in = new AttentionBackward.Inputs(query, key, v, y, 0, by, byLogs, 0);
                AttentionBackward.run(workers, tile, bits, s, in, d, 0);
                if (expected == null) {
                    expected = y;
                    expectedDerivatives = d;
                }
                String what = bits + " bits, " + threads + " threads";
                assertThat(y.mismatch(expected)).as(what).isEqualTo(-1);
                assertThat(d.mismatch(expectedDerivatives))
                        .as("derivatives, " + what)
                        .isEqualTo(-1);
            }
        }
    }
}
