package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.device.Launch;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Reduction;
import kawi.device.LoopNest.Store;
import kawi.device.Sweep;
import kawi.graph.Elementwise;
import kawi.reference.ReferenceBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sweeps whose numbers are whole, so that the interpreter's results are exact: at every width, with any threads. */
class SweepLaunchTest {
    private static final int OUTER = 2;

    /**
     * Over [2, extent, inner]: m is the largest of a row of x; d = 2x − m backwards along the row; the results are d + m,
     * and d summed along the common axis. m and d are local.
     */
    private static Sweep sweep(int extent, int inner) {
        DType type = DType.F32;
        int[] sizes = {OUTER, extent, inner};
        long[] whole = {(long) extent * inner, inner, 1};
        long[] row = {extent, 1, 0};
        Access x = new Access(0, type, 0, whole);
        Access m = new Access(1, type, 0, row);
        Access d = new Access(2, type, 0, whole);
        Access backwards = new Access(2, type, inner - 1L, new long[] {(long) extent * inner, inner, -1});
        Access y = new Access(3, type, 0, whole);
        Access sums = new Access(4, type, 0, new long[] {inner, 0, 1});
        Instruction.Load first = new Instruction.Load(0, type);
        Instruction.Load second = new Instruction.Load(1, type);
        LoopNest largest =
                new LoopNest(sizes, 2, Reduction.MAX, List.of(x, m), List.of(first), List.of(new Store(1, 0)));
        LoopNest less = new LoopNest(
                sizes,
                -1,
                null,
                List.of(x, m, backwards),
                List.of(
                        first,
                        second,
                        new Instruction.Apply(Elementwise.ADD, type, List.of(0, 0)),
                        new Instruction.Apply(Elementwise.SUB, type, List.of(2, 1))),
                List.of(new Store(2, 3)));
        LoopNest more = new LoopNest(
                sizes,
                -1,
                null,
                List.of(d, m, y),
                List.of(first, second, new Instruction.Apply(Elementwise.ADD, type, List.of(0, 1))),
                List.of(new Store(2, 2)));
        LoopNest along =
                new LoopNest(sizes, 1, Reduction.SUM, List.of(d, sums), List.of(first), List.of(new Store(1, 0)));
        List<Sweep.Pass> passes = List.of(
                new Sweep.Pass(largest, 1), new Sweep.Pass(less, 1), new Sweep.Pass(more, 1), new Sweep.Pass(along, 1));
        return new Sweep(passes, extent, List.of(new Sweep.Local(1, 4, OUTER, 1), new Sweep.Local(2, 4, OUTER, inner)));
    }

    private static float[] run(Launch launch, int extent, int inner) {
        Random random = new Random(extent * 31L + inner);
        int points = OUTER * extent * inner;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment[] memory = {
                arena.allocate(4L * points, 64), null, null, arena.allocate(4L * points + 4L * OUTER * inner, 64), null
            };
            memory[4] = memory[3];
            for (int i = 0; i < points; i++) {
                memory[0].setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(9) - 4);
            }
            launch.run(memory, new long[] {0, 0, 0, 0, 4L * points}, new long[0]);
            return memory[3].toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 17, 128, 129, 1024, 1500})
    void agreesWithTheInterpreter(int extent) {
        for (int inner : new int[] {2, 7, 64, 150}) {
            Sweep sweep = sweep(extent, inner);
            float[] expected = run(new ReferenceBackend().compile(sweep), extent, inner);
            for (int bits : Trial.WIDTHS) {
                for (int threads = 1; threads <= 3; threads++) {
                    Workers workers = Workers.of(threads);
                    Launch launch = new LoopCompiler(bits, false).compile(sweep, () -> workers);
                    assertThat(run(launch, extent, inner))
                            .as("[2, %d, %d], %d bits, %d threads", extent, inner, bits, threads)
                            .isEqualTo(expected);
                    assertThat(run(launch, extent, inner)).as("again").isEqualTo(expected);
                }
            }
        }
    }
}
