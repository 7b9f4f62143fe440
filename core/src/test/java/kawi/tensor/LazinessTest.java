package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Memory;
import org.junit.jupiter.api.Test;

/** When something is computed never shows in what is computed, nor in what is kept. */
class LazinessTest {
    private static Tensor vector(double... values) {
        return Tensor.of(values);
    }

    // Derivatives and reading

    @Test
    void readingChangesNoDerivative() {
        Parameter w = new Parameter(vector(1, -2, 3));
        for (int readings = 0; readings < 8; readings++) {
            Tensor h = w.square().add(1);
            Tensor y = h.log().sum();
            if ((readings & 1) != 0) {
                h.toDoubleArray();
            }
            if ((readings & 2) != 0) {
                y.item();
            }
            Tensor g = Kawi.grad(y, w);
            if ((readings & 4) != 0) {
                g.toDoubleArray();
                y.item();
            }
            Tensor gg = Kawi.grad(g.mul(vector(1, 1, 1)).sum(), w);
            assertThat(g.toDoubleArray()).containsExactly(new double[] {1, -0.8, 0.6}, within(1e-15));
            // d/dw 2w/(w²+1) = 2(1−w²)/(w²+1)²
            assertThat(gg.toDoubleArray()).containsExactly(new double[] {0, -0.24, -0.16}, within(1e-15));
        }
    }

    @Test
    void theOrderInWhichCotangentsAddUpStaysTheSame() {
        // found by a random program: a detached reading of w came before or after, with its history or without
        for (long seed : new long[] {700_025_943L}) {
            FuzzTest.check(seed);
        }
        double[][] gradients = new double[2][];
        for (int read = 0; read < 2; read++) {
            Parameter w = new Parameter(vector(0.1, 0.7, 0.3));
            Tensor a = w.mul(0.3).sin();
            Tensor b = a.detach().mul(a.exp());
            if (read == 1) {
                b.sum().item();
            }
            Tensor y = b.add(w.mul(0.3).square()).add(a.tanh()).div(w.exp()).sum();
            gradients[read] = Kawi.grad(y, w).toDoubleArray();
        }
        assertThat(gradients[1]).isEqualTo(gradients[0]);
    }

    @Test
    void derivativesByWhatWasComputedBetween() {
        Parameter w = new Parameter(vector(2));
        Tensor h = w.square();
        h.item();
        Tensor y = h.mul(h).sum();
        assertThat(Kawi.grad(y, h).item()).isEqualTo(8);
        assertThat(Kawi.grad(y, w).item()).isEqualTo(32);
        assertThat(Kawi.grad(y, List.of(w, h)).get(0).item()).isEqualTo(32);
    }

    @Test
    void nothingIsDifferentiatedThroughWhatHasNoDerivative() {
        Parameter w = new Parameter(vector(1, 5, 2));
        assertThat(w.detach().node().tracked()).isFalse();
        assertThat(w.argmax(0).node().tracked()).isFalse();
        assertThat(w.gt(1).node().tracked()).isFalse();
        assertThat(w.to(DType.I32).node().tracked()).isFalse();
        assertThatThrownBy(() -> Kawi.grad(w.detach().sum(), w.detach())).hasMessageContaining("not tracked");
        assertThat(Kawi.grad(w.detach().mul(w).sum(), w).toDoubleArray()).containsExactly(1, 5, 2);
        assertThat(Kawi.grad(w.sign().sum(), w).toDoubleArray()).containsExactly(0, 0, 0);
    }

    @Test
    void vectorJacobianProductsHaveTheTypeOfWhatIsDifferentiatedBy() {
        Parameter w = new Parameter(Tensor.of(new float[] {1, 2}));
        Tensor g = Kawi.vjp(w.square(), vector(1, 10), List.of(w)).get(0);
        assertThat(g.dtype()).isEqualTo(DType.F32);
        assertThat(g.toDoubleArray()).containsExactly(2, 40);
    }

    // Variables

    @Test
    void whatWasRecordedBeforeAnUpdateIsReadWithTheOldValues() {
        for (boolean readBefore : new boolean[] {false, true}) {
            Parameter w = new Parameter(vector(1, 2));
            Tensor logits = w.mul(10);
            Tensor accuracy = logits.gt(15).to(DType.F64).mean();
            Tensor separate = w.sum();
            Tensor loss = logits.square().sum();
            if (readBefore) {
                loss.item();
            }
            Update update = new Update(loss);
            Tensor g = Kawi.grad(loss, w);
            update.set(w, w.sub(g.mul(0.005))).run();
            assertThat(w.toDoubleArray()).containsExactly(0, 0);
            assertThat(logits.toDoubleArray()).containsExactly(10, 20);
            assertThat(accuracy.item()).isEqualTo(0.5);
            assertThat(separate.item()).isEqualTo(3);
            assertThat(loss.item()).isEqualTo(500);
        }
    }

    @Test
    void whatAVariableHeldStaysAsItWas() {
        Variable v = new Variable(vector(1, 2));
        Tensor view = v.reshape(2);
        Tensor same = v.to(DType.F64);
        Tensor detached = v.detach();
        Tensor copy = v.requiresGrad();
        Tensor transposed = v.reshape(1, 2).t();
        transposed.realized();
        for (int i = 0; i < 3; i++) {
            new Update().set(v, v.mul(10)).run();
            Tensor now = v.reshape(2);
            new Update().set(v, v.add(1)).run();
            assertThat(now.toDoubleArray()[0]).isEqualTo(v.toDoubleArray()[0] - 1);
        }
        for (Tensor t : List.of(view, same, detached, copy, transposed)) {
            assertThat(t.toDoubleArray()).containsExactly(1, 2);
        }
        v.assign(vector(7, 7));
        assertThat(same.toDoubleArray()).containsExactly(1, 2);
    }

    @Test
    void variablesThatStartFromOneTensorAreSeparate() {
        Tensor zeros = Tensor.zeros(DType.F64, 3).realized();
        Variable a = new Variable(zeros);
        Variable b = new Variable(zeros);
        Variable c = new Variable(a);
        for (int i = 0; i < 3; i++) {
            new Update().set(a, a.add(1)).set(b, b.sub(1)).run();
        }
        assertThat(a.toDoubleArray()).containsExactly(3, 3, 3);
        assertThat(b.toDoubleArray()).containsExactly(-3, -3, -3);
        assertThat(c.toDoubleArray()).containsExactly(0, 0, 0);
        assertThat(zeros.toDoubleArray()).containsExactly(0, 0, 0);
    }

    @Test
    void variablesThatGetOneTensorAreSeparate() {
        Variable a = new Variable(vector(1, 2));
        Variable b = new Variable(vector(5, 6));
        for (int i = 0; i < 3; i++) {
            Tensor t = a.add(b);
            new Update().set(a, t).set(b, t).run();
            new Update().set(a, a.add(100)).run();
            assertThat(a.sub(b).toDoubleArray()).containsExactly(100, 100);
            new Update().set(a, b).set(b, a).run();
            assertThat(b.sub(a).toDoubleArray()).containsExactly(100, 100);
            new Update().set(b, b.mul(1)).run();
            new Update().set(b, b.mul(0)).run();
            assertThat(a.toDoubleArray()[0]).isNotZero();
        }
    }

    /** Ways to make the next value of a matrix from places of the old one that are not where it is written. */
    @Test
    void nextValuesMayBeMadeFromAnyPartOfTheOld() {
        List<java.util.function.UnaryOperator<Tensor>> steps = List.of(
                Tensor::t,
                v -> v.t().add(v),
                v -> v.flip(0).mul(2),
                v -> v.matmul(v.t()).mul(0.1),
                v -> v.matmul(v).add(v).mul(0.1),
                v -> v.sub(v.max()),
                v -> v.cumsum(0),
                v -> v.softmax(0),
                v -> Tensor.concat(0, v.slice(0, 1, 4), v.slice(0, 0, 1)),
                v -> v.slice(0, 1, 4).pad(0, 1, 0, 0),
                v -> v.take(1, Tensor.of(new int[] {3, 2, 1, 0})),
                v -> v.sumKeepDims(0).expand(4, 4).add(v),
                v -> v.reshape(16).flip(0).reshape(4, 4),
                v -> v.mul(0.5).add(1));
        for (int s = 0; s < steps.size(); s++) {
            Variable v = new Variable(Key.of(3).uniform(DType.F64, 4, 4));
            Tensor plain = Tensor.of(v.toDoubleArray(), 4, 4);
            for (int i = 0; i < 4; i++) {
                Tensor view = v.t();
                Tensor kept = i == 2 ? v.add(0) : null;
                new Update(i == 3 ? new Tensor[] {view} : new Tensor[0])
                        .set(v, steps.get(s).apply(v))
                        .run();
                Tensor before = plain;
                plain = steps.get(s).apply(plain).realized();
                assertThat(v.toDoubleArray()).as("step %d, round %d", s, i).isEqualTo(plain.toDoubleArray());
                if (i == 3) {
                    assertThat(view.toDoubleArray())
                            .as("step %d", s)
                            .isEqualTo(before.t().toDoubleArray());
                }
                if (kept != null) {
                    assertThat(kept.toDoubleArray()).as("step %d", s).isEqualTo(before.toDoubleArray());
                }
            }
        }
    }

    @Test
    void stateIsUpdatedInItsOwnMemory() {
        Variable v = new Variable(Tensor.zeros(1000).realized());
        new Update().set(v, v.add(1)).run();
        Object buffer = v.value().buffer();
        for (int i = 0; i < 5; i++) {
            new Update().set(v, v.mul(0.5).add(1)).run();
            assertThat((Object) v.value().buffer()).isSameAs(buffer);
        }
    }

    @Test
    void parametersAreUpdatedInTheirOwnMemoryWhereThatIsAllowed() {
        Parameter plain = new Parameter(vector(1, 2, 3));
        Parameter inPlace = new Parameter(vector(1, 2, 3));
        Object memory = null;
        for (int i = 0; i < 6; i++) {
            Tensor recorded = inPlace.mul(2);
            Tensor before = Tensor.of(inPlace.toDoubleArray(), 3);
            for (Parameter w : List.of(plain, inPlace)) {
                Tensor logits = w.mul(10);
                Tensor loss = logits.square().sum();
                Update update = new Update(loss).inPlace(w == inPlace);
                Tensor g = Kawi.grad(loss, w);
                double nan = i == 3 ? Double.NaN : 0;
                boolean moved = update.set(w, w.sub(g.mul(0.001))).runIfFinite(loss.add(nan));
                assertThat(moved).isEqualTo(i != 3);
                if (w == plain || i % 2 == 0) {
                    assertThat(logits.div(10).toDoubleArray()).hasSize(3);
                } else {
                    // recorded reads the old values, so they were not overwritten
                    assertThat(recorded.toDoubleArray()).isEqualTo(before.mul(2).toDoubleArray());
                }
            }
            assertThat(inPlace.toDoubleArray()).isEqualTo(plain.toDoubleArray());
        }
        for (int i = 0; i < 3; i++) {
            Tensor hidden = inPlace.mul(10);
            Tensor loss = hidden.square().sum();
            Update update = new Update(loss).inPlace(true);
            update.set(inPlace, inPlace.sub(Kawi.grad(loss, inPlace).mul(0.001)))
                    .run();
            assertThatThrownBy(hidden::toDoubleArray)
                    .isInstanceOf(KawiException.class)
                    .hasMessageContaining("before the update");
            Object now = inPlace.value().buffer();
            assertThat(now).isSameAs(memory == null ? now : memory);
            memory = now;
        }
    }

    @Test
    void theFirstUpdateTooOverwritesAndNothingElseIsHurt() {
        Tensor known = vector(1, 2);
        Tensor computed = vector(0, 1).add(1);
        Tensor rows = Tensor.of(new double[][] {{1, 2}, {3, 4}});
        for (Tensor given : List.of(known, computed, rows.select(0, 0))) {
            for (boolean assigned : new boolean[] {false, true}) {
                Parameter p = new Parameter(assigned ? vector(7, 7) : given);
                if (assigned) {
                    p.assign(given);
                }
                Object memory = p.value().buffer();
                new Update().inPlace(true).set(p, p.mul(10)).run();
                assertThat((Object) p.value().buffer()).isSameAs(memory);
                assertThat(p.toDoubleArray()).containsExactly(10, 20);
                assertThat(given.toDoubleArray()).containsExactly(1, 2);
            }
        }
        assertThat(rows.toDoubleArray()).containsExactly(1, 2, 3, 4);
    }

    /** The value comes, and the operands are forgotten, while the variable asks for them. */
    @Test
    void aParameterIsMadeOfATensorThatAnotherThreadReads() throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 5000; round++) {
                Tensor shared = vector(1, 2).mul(2);
                Future<double[]> read = threads.submit(() -> {
                    start.await();
                    return shared.toDoubleArray();
                });
                Future<double[]> made = threads.submit(() -> {
                    start.await();
                    return new Parameter(shared).toDoubleArray();
                });
                assertThat(read.get()).containsExactly(2, 4);
                assertThat(made.get()).containsExactly(2, 4);
            }
        }
    }

    @Test
    void aTensorWhoseMemoryWentToTheNextValueSaysSo() {
        Variable v = new Variable(vector(1, 2));
        Tensor next = v.add(1);
        Tensor between = next.mul(3);
        new Update().set(v, between.sub(1)).run();
        Tensor held = v.mul(2);
        new Update().set(v, held.add(1)).run();
        assertThat(v.toDoubleArray()).containsExactly(11, 17);
        // held was a step of the update and was never asked for: it is either right or an error, never another number
        try {
            assertThat(held.toDoubleArray()).containsExactly(10, 16);
        } catch (KawiException e) {
            assertThat(e).hasMessageContaining("overwritten").hasMessageContaining("before the update");
        }
        Tensor given = v.add(1);
        new Update().set(v, given).run();
        assertThat(given.toDoubleArray()).containsExactly(12, 18);
        new Update().set(v, v.mul(2)).run();
        try {
            assertThat(given.toDoubleArray()).containsExactly(12, 18);
        } catch (KawiException e) {
            assertThat(e).hasMessageContaining("overwritten");
        }
    }

    @Test
    void wantedTensorsOutliveTheVariableTheyWentTo() {
        Variable sum = new Variable(Tensor.scalar(0, DType.F64));
        List<Tensor> sums = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Tensor next = sum.add(i);
            new Update(next).set(sum, next).run();
            sums.add(next);
        }
        assertThat(sums.stream().mapToDouble(Tensor::item).toArray()).containsExactly(0, 1, 3, 6, 10);
    }

    @Test
    void stateSurvivesALossThatIsNotFinite() {
        Parameter w = new Parameter(vector(1));
        Variable m = new Variable(vector(0));
        for (double x : new double[] {1, Double.NaN, 2, Double.POSITIVE_INFINITY, 3}) {
            Tensor loss = w.mul(x).sum();
            Update update = new Update(loss);
            Tensor g = Kawi.grad(loss, w);
            Tensor next = m.add(g);
            boolean moved = update.set(m, next).set(w, w.sub(next)).runIfFinite(loss);
            assertThat(moved).isEqualTo(Double.isFinite(x));
        }
        assertThat(m.item()).isEqualTo(6);
        assertThat(w.item()).isEqualTo(1 - 1 - 3 - 6);
    }

    @Test
    void aRunThatFailsLeavesVariablesAsTheyWere() {
        Variable v = new Variable(vector(1, 2));
        new Update().set(v, v.add(1)).run();
        for (int bad : new int[] {0, 9, 1, -1, 0}) {
            Tensor picked = vector(5, 6).take(0, Tensor.of(new int[] {bad}));
            Update update = new Update(picked).set(v, v.add(1));
            if (bad == 0 || bad == 1) {
                update.run();
            } else {
                assertThatThrownBy(update::run).isInstanceOf(KawiException.class);
            }
        }
        assertThat(v.toDoubleArray()).containsExactly(5, 6);
    }

    @Test
    void anUpdateKeepsTheShape() {
        Variable v = new Variable(vector(1, 2));
        assertThatThrownBy(() -> new Update().set(v, v.sum()))
                .hasMessageContaining("f64[2]")
                .hasMessageContaining("f64[]");
        assertThatThrownBy(() -> v.assign(v.sum()))
                .hasMessageContaining("f64[2]")
                .hasMessageContaining("f64[]");
    }

    // What is kept

    private record Kept(long heap, long buffers) {
        static Kept now() throws InterruptedException {
            for (int i = 0; i < 4; i++) {
                System.gc();
                Thread.sleep(20);
            }
            Runtime r = Runtime.getRuntime();
            return new Kept(r.totalMemory() - r.freeMemory(), Memory.bytesInUse());
        }
    }

    @Test
    void manyStepsLeaveNothingBehind() throws InterruptedException {
        train(2_000, 250); // what is compiled and planned once
        Kept[] kept = train(20_000, 250);
        assertThat(kept[1].buffers).isLessThan(kept[0].buffers + (256L << 10));
        // the pool may grow with the garbage between two collections; the history of each step would be some 10 KB
        assertThat(kept[1].heap).isLessThan(kept[0].heap + (32L << 20));
    }

    @Test
    void sumsThatNobodyReadsAreComputedNowAndThen() throws InterruptedException {
        long before = Kept.now().buffers;
        // a few hundred bytes for each of up to 5001 steps
        assertThat(train(7_000, 7_001)[1].buffers).isLessThan(before + (2L << 20));
    }

    /** Trains with a running loss and a running count, read every so many steps; what is kept after a quarter and at the end. */
    private static Kept[] train(int steps, int readEvery) throws InterruptedException {
        Parameter w = new Parameter(Key.of(1).normal(8, 4));
        Parameter b = new Parameter(Tensor.zeros(4));
        Variable momentum = new Variable(Tensor.zeros(8, 4));
        Variable running = new Variable(Tensor.zeros(4));
        Tensor x = Key.of(2).normal(16, 8).realized();
        Tensor target = Key.of(3).normal(16, 4).realized();
        Tensor total = Tensor.scalar(0);
        Tensor correct = Tensor.scalar(0, DType.I64);
        Kept[] kept = new Kept[2];
        for (int step = 0; step < steps; step++) {
            Tensor y = x.matmul(w).add(b);
            running.assign(running.mul(0.9).add(y.mean(0).mul(0.1)));
            Tensor loss = y.sub(target).square().mean();
            correct = correct.add(y.argmax(1).eq(target.argmax(1)).sum());
            Update update = new Update(loss);
            List<Tensor> g = Kawi.grad(loss, List.of(w, b));
            Tensor next = momentum.mul(0.9).add(g.get(0));
            update.set(momentum, next)
                    .set(w, w.sub(next.mul(0.001)))
                    .set(b, b.sub(g.get(1).mul(0.001)));
            update.run();
            total = total.add(loss);
            if (step % readEvery == readEvery - 1) {
                assertThat(total.item()).isPositive().isFinite();
                assertThat(correct.item()).isPositive();
            }
            if (step == steps / 4 - 1) {
                kept[0] = Kept.now();
            }
        }
        kept[1] = Kept.now();
        assertThat(total.item()).isPositive().isFinite();
        assertThat(correct.item()).isPositive();
        return kept;
    }

    @Test
    void lossesThatAreKeptHoldNothingElse() {
        Parameter w = new Parameter(vector(1, 2, 3));
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Tensor logits = w.mul(2);
            Tensor loss = logits.square().sum();
            if (i % 2 == 0) {
                loss.item();
            }
            Update update = new Update(loss);
            update.set(w, w.sub(Kawi.grad(loss, w).mul(0.01))).run();
            losses.add(loss);
        }
        assertThat(losses).allMatch(l -> l.node().inputs().length == 0);
    }

    @Test
    void longChains() {
        Tensor sum = Tensor.zeros(DType.F64, 3);
        Tensor views = Tensor.arange(24).reshape(2, 3, 4).realized();
        Tensor mixed = vector(1, 2, 3, 4).reshape(2, 2);
        for (int i = 0; i < 12_000; i++) {
            sum = sum.add(i % 7);
            views = views.permute(1, 2, 0);
        }
        for (int i = 0; i < 3000; i++) {
            mixed = mixed.t().add(1).sub(mixed.sumKeepDims(0).mul(0)).flip(0);
        }
        assertThat(sum.toDoubleArray()[1])
                .isEqualTo(java.util.stream.IntStream.range(0, 12_000)
                        .mapToDouble(i -> i % 7)
                        .sum());
        assertThat(views.toLongArray()).isEqualTo(Tensor.arange(24).toLongArray());
        assertThat(mixed.sum().item()).isEqualTo(10 + 4 * 3000);
        Parameter w = new Parameter(vector(0.5));
        Tensor y = w;
        for (int i = 0; i < 4000; i++) {
            y = y.mul(0.999).add(w.mul(0.001));
        }
        assertThat(Kawi.grad(y.sum(), w).item()).isCloseTo(1, within(1e-9));
    }

    @Test
    void manyViewsAndManyParts() {
        int n = 20_000;
        Tensor slices = Tensor.arange(n + 5).realized();
        Tensor mirrored = Tensor.arange(n + 5).mul(2);
        for (int i = 0; i < n; i++) {
            slices = slices.slice(0, 1, slices.dim(0));
            mirrored = mirrored.slice(0, 1, mirrored.dim(0));
        }
        assertThat(slices.toLongArray()).containsExactly(n, n + 1, n + 2, n + 3, n + 4);
        assertThat(mirrored.add(mirrored.flip(0)).toLongArray()).containsOnly(4 * n + 8);
        // numbers that have no memory yet all get it at once: one after the other 2000 took half a minute
        Tensor[] parts = new Tensor[2000];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Tensor.scalar(i).unsqueeze(0);
        }
        assertThat(Tensor.concat(0, parts).toIntArray())
                .isEqualTo(java.util.stream.IntStream.range(0, parts.length).toArray());
    }

    /** Derivatives and recorded functions are longer than what a chain may be before it is computed. */
    @Test
    void longChainsOfLaunches() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        Thread small = new Thread(null, () -> chains(1200), "small stack", 256 << 10);
        small.setUncaughtExceptionHandler((_, e) -> thrown.add(e));
        small.start();
        small.join();
        assertThat(thrown).isEmpty();
    }

    private static void chains(int length) {
        Parameter w = new Parameter(vector(1, 0, 0, 1).reshape(2, 2));
        Tensor y = w;
        for (int i = 0; i < length; i++) {
            y = y.matmul(w);
        }
        assertThat(Kawi.grad(y.sum(), w).toDoubleArray())
                .containsExactly(length + 1, length + 1, length + 1, length + 1);
        assertThat(y.take(0, Tensor.arange(2)).toDoubleArray()).containsExactly(1, 0, 0, 1);
    }

    /** What is asked for together with an update reads the old value after the new one, so the memory cannot be taken over. */
    @Test
    void readsOldAndNewValuesOfAnUpdateInOneRun() {
        Variable w = new Variable(Tensor.ones(64, 64));
        new Update().set(w, w.mul(2)).run(); // now the memory is its own
        Tensor next = w.div(w.sumKeepDims(1)).matmul(Tensor.eye(64)).add(1);
        Tensor both = next.sumKeepDims(1).add(w).sum();
        new Update(both).set(w, next).run();
        assertThat(both.item()).isEqualTo(64 * 64 * (65 + 2)); // next is 1/64 + 1 throughout
        assertThat(w.sum().item()).isEqualTo(64 * 65);
    }

    // Several at once

    @Test
    void severalThreadsComputeAtOnce() throws Exception {
        Parameter shared = new Parameter(Key.of(1).uniform(DType.F64, 20, 20));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int n = t;
                results.add(threads.submit((Callable<Boolean>) () -> {
                    Variable own = new Variable(Tensor.zeros(DType.F64, 20, 20));
                    for (int i = 0; i < 100; i++) {
                        Tensor y = shared.matmul(shared.mul(n + 1)).sum();
                        Tensor g = Kawi.grad(y, shared);
                        new Update(y).set(own, own.add(g)).run();
                    }
                    Tensor once = Kawi.grad(shared.matmul(shared.mul(n + 1)).sum(), shared)
                            .mul(100);
                    return own.sub(once).abs().max().item() < 1e-8;
                }));
            }
            for (Future<Boolean> r : results) {
                assertThat(r.get()).isTrue();
            }
        }
    }

    @Test
    void whatIsAssignedForARefusedUpdateIsRefusedWithIt() {
        for (boolean eager : new boolean[] {false, true}) {
            Kawi.eager(eager);
            try {
                Parameter w = new Parameter(vector(1, 2));
                Variable statistic = new Variable(vector(5, 5));
                Variable read = new Variable(vector(5, 5));
                Variable given = new Variable(vector(5, 5));
                for (int i = 0; i < 3; i++) {
                    boolean fails = i == 1;
                    Tensor y = w.mul(fails ? Double.NaN : 2);
                    statistic.assign(statistic.add(y.detach()));
                    statistic.assign(statistic.add(0)); // a second pass before the step
                    given.assign(Tensor.full(i, DType.F64, 2));
                    if (!eager) {
                        read.assign(read.add(1));
                        assertThat(read.toDoubleArray()).containsExactly(6 + i, 6 + i);
                    }
                    Update update = new Update(y.sum());
                    update.set(w, w.sub(0));
                    assertThat(update.runIfFinite(y.sum())).isEqualTo(!fails);
                    double moved = i == 0 || fails ? 1 : 2;
                    assertThat(statistic.toDoubleArray())
                            .as("eager %s, step %d", eager, i)
                            .containsExactly(5 + 2 * moved, 5 + 4 * moved);
                    assertThat(given.toDoubleArray()).containsExactly(i, i);
                }
            } finally {
                Kawi.eager(false);
            }
        }
    }

    @Test
    void anUpdateThatFailsLeavesWhatWasAssignedForIt() {
        Parameter w = new Parameter(vector(1, 2));
        Variable statistic = new Variable(vector(5));
        Tensor picked = w.take(0, Tensor.of(new int[] {7}));
        statistic.assign(statistic.add(picked.detach()));
        Update update = new Update(picked.sum()).set(w, w.add(picked.sum()));
        assertThatThrownBy(() -> update.runIfFinite(picked.sum())).isInstanceOf(KawiException.class);
        assertThat(statistic.toDoubleArray()).containsExactly(5);
    }

    @Test
    void everyGuardCounts() {
        Parameter w = new Parameter(vector(1, 2));
        for (double[] guards : new double[][] {{1, 1}, {1, Double.NaN}, {Double.POSITIVE_INFINITY, 1}}) {
            double before = w.toDoubleArray()[0];
            boolean finite = guards[0] + guards[1] == 2;
            assertThat(new Update()
                            .inPlace(true)
                            .set(w, w.add(1))
                            .runIfFinite(Tensor.scalar(guards[0]), Tensor.scalar(guards[1], DType.F64)))
                    .isEqualTo(finite);
            assertThat(w.toDoubleArray()[0]).isEqualTo(finite ? before + 1 : before);
        }
    }
}
