package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import org.junit.jupiter.api.Test;

/** A recorded function does what the function does, and is called no more often than it must be. */
class JitTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final Tensor weight = Key.of(1).normal(4, 3).realized();

    private Tensor layer(Tensor x) {
        calls.incrementAndGet();
        return x.matmul(weight).relu().sum(0).add(1);
    }

    private static Tensor input(long seed, int rows) {
        return Key.of(seed).normal(rows, 4).realized();
    }

    @Test
    void isCalledOnceForEachLayoutOfItsArguments() {
        Function<Tensor, Tensor> recorded = Kawi.jit(this::layer);
        for (int round = 0; round < 3; round++) {
            for (int rows : new int[] {1, 5, 0}) {
                Tensor x = input(10 * round + rows, rows);
                float[] found = recorded.apply(x).toFloatArray();
                int called = calls.get();
                assertThat(found).isEqualTo(layer(x).toFloatArray());
                calls.set(called);
            }
        }
        Tensor strided = Key.of(3).normal(4, 5).realized().t();
        assertThat(recorded.apply(strided).toFloatArray())
                .isEqualTo(recorded.apply(strided.add(0)).toFloatArray());
        assertThat(calls).hasValue(4); // three heights, and one that lies otherwise
    }

    @Test
    void computesArgumentsThatWereOnlyRecorded() {
        Function<Tensor, Tensor> recorded = Kawi.jit(this::layer);
        Tensor x = input(1, 5).mul(2);
        assertThat(recorded.apply(x).toFloatArray()).isEqualTo(layer(x).toFloatArray());
    }

    @Test
    void readsVariablesAtEachCall() {
        var scale = new Parameter(Tensor.scalar(2));
        var count = new Variable(Tensor.scalar(0));
        Function<Tensor, Tensor> recorded = Kawi.jit((Tensor x) -> x.mul(scale).add(count));
        Tensor x = Tensor.of(new float[] {1, 2});
        assertThat(recorded.apply(x).toFloatArray()).containsExactly(2, 4);
        new Update().set(scale, scale.add(1)).set(count, count.add(10)).run();
        assertThat(recorded.apply(x).toFloatArray()).containsExactly(13, 16);
        count.assign(count.add(1)); // not computed yet
        assertThat(recorded.apply(x).toFloatArray()).containsExactly(14, 17);
    }

    @Test
    void takesDerivativesWithin() {
        var w = new Parameter(Key.of(5).normal(4));
        BiFunction<Tensor, Tensor, Tensor> loss =
                (x, y) -> x.matmul(w).sub(y).square().mean();
        BiFunction<Tensor, Tensor, Tensor> gradient = Kawi.jit((x, y) -> Kawi.grad(loss.apply(x, y), w));
        Tensor x = input(2, 8);
        Tensor y = Key.of(9).normal(8).realized();
        for (int step = 0; step < 3; step++) {
            assertThat(gradient.apply(x, y).toFloatArray())
                    .isEqualTo(Kawi.grad(loss.apply(x, y), w).toFloatArray());
            new Update().set(w, w.sub(gradient.apply(x, y).mul(0.1))).run();
        }
    }

    @Test
    void takesDerivativesByItsArguments() {
        Function<Tensor, Tensor> gradient = Kawi.jit((Tensor v) -> {
            Tensor x = v.requiresGrad();
            return Kawi.grad(x.square().sum(), x);
        });
        assertThat(gradient.apply(Tensor.of(new float[] {1, 2})).toFloatArray()).containsExactly(2, 4);
        assertThat(gradient.apply(Tensor.of(new float[] {5, 7})).toFloatArray()).containsExactly(10, 14);
    }

    @Test
    void isPartOfALargerFunctionThatIsDifferentiated() {
        Function<Tensor, Tensor> square = Kawi.jit((Tensor x) -> x.square().sum());
        Tensor x = Tensor.of(new float[] {1, 2, 3}).requiresGrad();
        assertThat(Kawi.grad(square.apply(x), x).toFloatArray()).containsExactly(2, 4, 6);
        Function<Tensor, Tensor> outer = Kawi.jit((Tensor v) -> square.apply(v).add(1));
        assertThat(outer.apply(Tensor.of(new float[] {3})).item()).isEqualTo(10);
    }

    @Test
    void givesSeveralResultsAndSuchAsAreArgumentsOrViews() {
        Function<List<Tensor>, List<Tensor>> recorded = Kawi.jitAll(x -> List.of(
                x.get(1), x.get(0).t(), weight, Tensor.scalar(7), x.get(0).add(x.get(1))));
        for (int seed = 1; seed < 4; seed++) {
            Tensor a = input(seed, 3);
            Tensor b = input(seed + 10, 3);
            List<Tensor> results = recorded.apply(List.of(a, b));
            List<Tensor> expected = List.of(b, a.t(), weight, Tensor.scalar(7), a.add(b));
            for (int i = 0; i < 5; i++) {
                assertThat(results.get(i).shape()).isEqualTo(expected.get(i).shape());
                assertThat(results.get(i).toFloatArray())
                        .isEqualTo(expected.get(i).toFloatArray());
            }
        }
    }

    @Test
    void keepsResultsThatAreViewsOfAVariable() {
        var variable = new Variable(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        new Update().set(variable, variable.add(0)).run(); // now the memory is its own
        Function<Tensor, Tensor> recorded = Kawi.jit((Tensor x) -> variable.t());
        Tensor before = recorded.apply(Tensor.scalar(0));
        new Update().set(variable, variable.mul(10)).run();
        assertThat(before.toFloatArray()).containsExactly(1, 3, 2, 4);
        assertThat(recorded.apply(Tensor.scalar(0)).toFloatArray()).containsExactly(10, 30, 20, 40);
    }

    @Test
    void givesAVariableAsItIsAtEachCall() {
        var variable = new Variable(Tensor.of(new float[] {1, 2}));
        Function<List<Tensor>, List<Tensor>> recorded = Kawi.jitAll(x -> List.of(variable, x.get(0)));
        List<Tensor> found = new ArrayList<>();
        for (int call = 0; call < 3; call++) {
            found.add(recorded.apply(List.of(Tensor.scalar(0))).getFirst());
            new Update().set(variable, variable.mul(10)).run();
        }
        assertThat(found.get(0).toFloatArray()).containsExactly(1, 2);
        assertThat(found.get(1).toFloatArray()).containsExactly(10, 20);
        assertThat(found.get(2).toFloatArray()).containsExactly(100, 200);
    }

    @Test
    void drawsAnewAtEachCall() {
        Function<Tensor, Tensor> noisy = x -> x.add(Kawi.nextKey().normal(3));
        Function<Tensor, Tensor> recorded = Kawi.jit(noisy);
        Tensor x = Tensor.zeros(3);
        Kawi.seed(4);
        List<float[]> found = IntStream.range(0, 3)
                .mapToObj(_ -> recorded.apply(x).toFloatArray())
                .toList();
        Kawi.seed(4);
        for (float[] numbers : found) {
            assertThat(numbers).isEqualTo(noisy.apply(x).toFloatArray());
        }
    }

    @Test
    void saysWhatARecordedFunctionCannotDo() {
        var variable = new Variable(Tensor.scalar(1));
        Tensor x = Tensor.scalar(3);
        List<Function<Tensor, Tensor>> readers = List.of(
                v -> v.mul(v.item()),
                v -> v.mul(v.add(1).item()),
                v -> v.mul(variable.item()),
                v -> v.add(v.mul(2).realized()),
                v -> v.mul(v.toFloatArray()[0]));
        for (Function<Tensor, Tensor> reader : readers) {
            assertThatThrownBy(() -> Kawi.jit(reader).apply(x))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContaining("reads the elements of a tensor");
        }
        assertThatThrownBy(() -> Kawi.jit((Tensor v) -> {
                            variable.assign(v);
                            return v;
                        })
                        .apply(x))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("assigns a variable");
        assertThatThrownBy(() -> Kawi.jit((Tensor v) -> {
                            new Update().set(variable, v).run();
                            return v;
                        })
                        .apply(x))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("runs an update");
        assertThat(variable.item()).isEqualTo(1);
        assertThat(Kawi.jit((Tensor v) -> v.mul(Tensor.of(new float[] {2}).item()))
                        .apply(x)
                        .item())
                .isEqualTo(6);
    }

    @Test
    void runsFromSeveralThreads() throws InterruptedException {
        Function<Tensor, Tensor> recorded = Kawi.jit(this::layer);
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> threads = IntStream.range(0, 4)
                .mapToObj(t -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 50; i++) {
                        Tensor x = input(t * 100 + i, 1 + i % 3);
                        float[] found = recorded.apply(x).toFloatArray();
                        if (!java.util.Arrays.equals(found, layer(x).toFloatArray())) {
                            wrong.incrementAndGet();
                        }
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).hasValue(0);
    }

    @Test
    void followsEagerPrograms() {
        Function<Tensor, Tensor> recorded = Kawi.jit(this::layer);
        Tensor x = input(1, 2);
        float[] lazy = recorded.apply(x).toFloatArray();
        Kawi.eager(true);
        try {
            assertThat(recorded.apply(x).toFloatArray()).isEqualTo(lazy);
        } finally {
            Kawi.eager(false);
        }
    }
}
