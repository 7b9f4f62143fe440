package kawi.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import kawi.base.DType;
import kawi.cpu.Workers;
import kawi.cpu.kernels.Gemm;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Single kernels under development, without a peer: {@code ./kawi bench --jmh PATTERN}. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {

    /** A square product, called directly: no recording, no pool. */
    @State(Scope.Benchmark)
    public static class Product {
        @Param({"64", "256", "512", "1024"})
        public int n;

        @Param({"1", "2"})
        public int threads;

        private MemorySegment a = MemorySegment.NULL;
        private MemorySegment b = MemorySegment.NULL;
        private MemorySegment c = MemorySegment.NULL;

        @Setup
        public void fill() {
            a = numbers(n * n);
            b = numbers(n * n);
            c = numbers(n * n);
        }

        private static MemorySegment numbers(int count) {
            MemorySegment data = Arena.ofAuto().allocate(4L * count, 64);
            Random random = new Random(1);
            for (int i = 0; i < count; i++) {
                data.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
            }
            return data;
        }
    }

    @Benchmark
    public MemorySegment product(Product p) {
        int n = p.n;
        long[] start = {0};
        Gemm.run(Workers.of(p.threads), DType.F32, n, n, n, p.a, start, n, 1, p.b, start, n, 1, p.c, start, n, null);
        return p.c;
    }

    /** What a run costs beside its kernels: many operations on one number each. */
    @State(Scope.Benchmark)
    public static class Tiny {
        private static final int OPERATIONS = 100;
        private final Tensor x = Tensor.of(new float[] {0.5f}, 1, 1);
        private final Function<Tensor, Tensor> recorded = Kawi.jit(Tiny::chain);

        private static Tensor chain(Tensor x) {
            Tensor y = x;
            for (int i = 0; i < OPERATIONS; i++) {
                y = y.matmul(x);
            }
            return y;
        }
    }

    @Benchmark
    public Tensor hundredLaunches(Tiny t) {
        return Tiny.chain(t.x).realized();
    }

    @Benchmark
    public Tensor hundredLaunchesRecorded(Tiny t) {
        return t.recorded.apply(t.x);
    }

    /** A product of a matrix in PyTorch's layout with one example. */
    @State(Scope.Benchmark)
    public static class OneExample {
        @Param({"256", "3072"})
        public int out;

        private Tensor x = Tensor.zeros(1);
        private Tensor weight = x;

        @Setup
        public void fill() {
            x = Tensor.randn(1, 784).realized();
            weight = Tensor.randn(out, 784).realized();
        }
    }

    @Benchmark
    public Tensor oneExample(OneExample e) {
        return e.x.matmul(e.weight.t()).realized();
    }
}
