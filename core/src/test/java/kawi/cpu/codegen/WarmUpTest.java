package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.cpu.Machine;
import kawi.device.LoopNest;
import kawi.graph.Elementwise;
import org.junit.jupiter.api.Test;

/** A launch that runs plain loops at first and vectors later gives the same numbers all along. */
class WarmUpTest {
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
        } while (kernel.forRun(1) != kernel.vector() && System.nanoTime() < end);
        assertThat(kernel.forRun(1)).as("the kernel in use in the end").isSameAs(kernel.vector());
        trial.assertSame(expected, trial.runPatiently(), "warm");
    }

    @Test
    void aPauseOfTheProcessCostsNoPatience() {
        assertThat(WarmUp.counted(1_000_000)).isEqualTo(1_000_000);
        assertThat(WarmUp.counted(120_000_000_000L)).isLessThan(100_000_000);
    }
}
