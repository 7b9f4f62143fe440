package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A step of a training loop allocates a few objects for what it records, as many in each step. */
class AllocationTest {
    private static final int STEPS = 400;

    /** Recorded nodes, their shapes, the program's key: some 120 KB were seen for this network and Adam. */
    private static final long MOST_BYTES = 300_000;

    private static final class Mlp extends Module {
        final Linear first = new Linear(20, 30);
        final Linear second = new Linear(30, 4);

        @Override
        public Tensor forward(Tensor x) {
            return second.forward(first.forward(x).relu());
        }
    }

    @Test
    void eachStepAllocatesTheSameLittle() {
        Kawi.seed(1);
        Mlp model = new Mlp();
        Adam adam = new Adam(model.parameters(), 1e-3);
        Tensor x = Tensor.randn(16, 20).realized();
        Tensor y = Tensor.arange(16)
                .remainder(Tensor.scalar(4, kawi.base.DType.I64))
                .realized();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] bytes = new long[STEPS];
        for (int i = 0; i < STEPS; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            adam.step(Losses.crossEntropy(model.forward(x), y));
            bytes[i] = threads.getCurrentThreadAllocatedBytes() - before;
        }
        long early = median(bytes, STEPS / 4, STEPS / 2);
        long late = median(bytes, 3 * STEPS / 4, STEPS);
        System.out.println("bytes allocated by a step: " + early + ", later " + late);
        assertThat(late).isLessThan(MOST_BYTES).isLessThanOrEqualTo(early + 1024);
    }

    /** Of many, so that a collection that the memory pool brings about, or the JIT, does not count. */
    private static long median(long[] bytes, int from, int to) {
        long[] part = Arrays.copyOfRange(bytes, from, to);
        Arrays.sort(part);
        return part[part.length / 2];
    }
}
