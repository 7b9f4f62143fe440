package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.graph.Elementwise;
import org.junit.jupiter.api.Test;

/** A launch that runs plain loops at first and vectors later gives the same numbers all along. */
class WarmUpTest {
    private static final long[] NO_SCALARS = new long[6];

    @Test
    void doesNotShowInTheResults() throws InterruptedException {
        assumeTrue(Machine.vectorBits() > 0);
        LoopNest nest = ElementwiseMeaningTest.nest(Elementwise.SIGMOID, DType.F32, 40_003);
        Trial trial = new Trial(nest, new Random(1));
        List<byte[]> expected = trial.run(0, 1);
        Structure structure = new LoopCompiler(Machine.vectorBits(), true).structureOf(nest);
        CompiledKernel kernel = LoopCompiler.compiled(structure);
        long end = System.nanoTime() + 30_000_000_000L;
        do {
            trial.assertSame(expected, trial.runPatiently(), "while warming up");
            Thread.sleep(2);
        } while (kernel.forRun(1, NO_SCALARS) != kernel.vector() && System.nanoTime() < end);
        assertThat(kernel.forRun(1, NO_SCALARS))
                .as("the kernel in use in the end")
                .isSameAs(kernel.vector());
        trial.assertSame(expected, trial.runPatiently(), "warm");
    }

    @Test
    void aPauseOfTheProcessCostsNoPatience() {
        assertThat(WarmUp.counted(1_000_000)).isEqualTo(1_000_000);
        assertThat(WarmUp.counted(120_000_000_000L)).isLessThan(100_000_000);
    }

    /** Ints of any size, shifted and scaled to one turn: with other scalars the cosine's argument would be huge. */
    @Test
    void takesTheScalarsOfTheRun() throws InterruptedException {
        assumeTrue(Machine.vectorBits() > 0);
        LoopNest nest = new LoopNest(
                new int[] {40_003},
                -1,
                null,
                List.of(new Access(0, DType.I32, 0, new long[] {1}), new Access(1, DType.F32, 0, new long[] {1})),
                List.of(
                        new Instruction.Load(0, DType.I32),
                        new Instruction.Convert(DType.F32, 0),
                        new Instruction.Scalar(0, DType.F32),
                        new Instruction.Apply(Elementwise.MUL, DType.F32, List.of(1, 2)),
                        new Instruction.Apply(Elementwise.COS, DType.F32, List.of(3))),
                List.of(new LoopNest.Store(1, 4)));
        Trial trial = new Trial(nest, new Random(1), Double.doubleToRawLongBits(0x1p-32));
        List<byte[]> expected = trial.run(0, 1);
        Structure structure = new LoopCompiler(Machine.vectorBits(), true).structureOf(nest);
        CompiledKernel kernel = LoopCompiler.compiled(structure);
        long[] arguments = new long[3 * 2 + 1];
        arguments[6] = trial.scalars[0];
        long end = System.nanoTime() + 30_000_000_000L;
        do {
            trial.assertSame(expected, trial.runPatiently(), "while warming up");
            Thread.sleep(2);
        } while (kernel.forRun(1, arguments) != kernel.vector() && System.nanoTime() < end);
        assertThat(kernel.forRun(1, arguments)).isSameAs(kernel.vector());
    }
}
