package kawi.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classifiers other than linear ones and the SVM, and what joins them. */
class ClassifiersTest {
    private final Tensor x = ClassicReference.matrix("x");
    private final Tensor label = ClassicReference.vector("label");

    @Test
    void naiveBayes() {
        GaussianNaiveBayes m = GaussianNaiveBayes.fit(x, label);
        assertThat(m.probabilities(x).toDoubleArray())
                .containsExactly(ClassicReference.numbers("naiveBayes"), within(1e-10));
        fails(
                () -> GaussianNaiveBayes.fit(Tensor.ones(3, 2), Tensor.of(new int[] {0, 1, 0})),
                "every feature is the same");
        Tensor constant = Tensor.concat(1, x, Tensor.ones(DType.F64, 60, 1));
        assertThat(GaussianNaiveBayes.fit(constant, label).predict(constant).allEqual(m.predict(x)))
                .isTrue();
    }

    @Test
    void kernelRidge() {
        Tensor y = ClassicReference.vector("y");
        KernelRidge m = KernelRidge.fit(x, y, Kernel.rbf(0.3), 0.7);
        assertThat(m.predict(x).toDoubleArray())
                .containsExactly(ClassicReference.numbers("kernelRidge"), within(1e-10));
        fails(() -> KernelRidge.fit(x, y, Kernel.linear(), 0), "1e-6");
    }

    /** Against sorting all distances; among equal votes the smaller sum of ranks. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 60})
    void nearestNeighboursAsALoopFindsThem(int k) {
        Tensor queries = x.add(0.1);
        NearestNeighbours m = NearestNeighbours.fit(x, label, k);
        double[] predicted = m.predict(queries).toDoubleArray();
        long[] neighbours = m.neighbours(queries).toLongArray();
        double[] labels = label.toDoubleArray();
        for (int q = 0; q < 60; q++) {
            double[] distance = x.sub(queries.select(0, q)).square().sum(1).toDoubleArray();
            int[] order = IntStream.range(0, 60)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> distance[i]))
                    .limit(k)
                    .mapToInt(i -> i)
                    .toArray();
            assertThat(IntStream.range(q * k, (q + 1) * k)
                            .map(i -> (int) neighbours[i])
                            .toArray())
                    .isEqualTo(order);
            double[] votes = new double[3];
            for (int rank = 0; rank < k; rank++) {
                votes[(int) labels[order[rank]]] += 1 - 1e-6 * rank;
            }
            int winner = IntStream.range(0, 3)
                    .boxed()
                    .max(Comparator.comparingDouble(c -> votes[c]))
                    .orElseThrow();
            assertThat(predicted[q]).isEqualTo(winner);
        }
        fails(() -> NearestNeighbours.fit(x, label, 61), "61 neighbours of 60");
    }

    @Test
    void aTreeCutsWhereItMust() {
        Tensor grid = Tensor.of(new float[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}});
        Tensor y = Tensor.of(new int[] {5, 5, 5, 5, 9, 9});
        DecisionTree stump = DecisionTree.fit(grid, y, 1);
        assertThat(stump.root())
                .isEqualTo(new DecisionTree.Question(0, 1.5, new DecisionTree.Leaf(0), new DecisionTree.Leaf(1)));
        assertThat(stump.predict(grid).allEqual(y)).isTrue();
        DecisionTree deep = DecisionTree.fit(x, label, 30);
        assertThat(deep.predict(x).allEqual(label)).isTrue();
        assertThat(DecisionTree.fit(x, label, 3).depth()).isLessThanOrEqualTo(3);
        // XOR: no first question helps alone, so there is none.
        Tensor xor = Tensor.of(new int[] {0, 1, 1, 0});
        assertThat(DecisionTree.fit(grid.slice(0, 0, 4), xor, 5).depth()).isZero();
        fails(() -> DecisionTree.fit(x, label, 0), "depth");
    }

    @Test
    void baggingVotesAndMeans() {
        List<Model> models = Bagging.fit((a, b) -> DecisionTree.fit(a, b, 4), x, label, 7, Key.of(1));
        assertThat(models).hasSize(7);
        double[] voted = new Voting(models).predict(x).toDoubleArray();
        double[][] each = models.stream().map(m -> m.predict(x).toDoubleArray()).toArray(double[][]::new);
        for (int i = 0; i < 60; i++) {
            int[] counts = new int[3];
            for (double[] one : each) {
                counts[(int) one[i]]++;
            }
            assertThat(counts[(int) voted[i]])
                    .isEqualTo(IntStream.of(counts).max().orElseThrow());
        }
        Model one = a -> a.select(1, 0);
        Model other = a -> a.select(1, 1);
        assertThat(new Averaging(List.of(one, other)).predict(x).toDoubleArray())
                .containsExactly(x.slice(1, 0, 2).mean(1).toDoubleArray(), within(1e-15));
        // A bootstrap sample of n has 1 − 1/e of the examples, ± 0.3/√n.
        assertThat(Bagging.sample(10_000, Key.of(2)).unique().values().size() / 1e4)
                .isCloseTo(1 - Math.exp(-1), within(0.012));
        fails(() -> new Voting(List.of()), "no models");
        fails(() -> Bagging.fit((a, b) -> one, x, label, 0, Key.of(0)), "at least 1 model");
    }

    @Test
    void aPlaneOrAProofThatThereIsNone() {
        Tensor square = Tensor.of(new double[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}});
        Tensor and = Tensor.of(new int[] {0, 0, 0, 1});
        assertThat(Separability.of(square, and)).isInstanceOfSatisfying(Separability.Plane.class, p -> {
            Tensor f = square.matmul(p.weights()).add(p.bias());
            assertThat(f.gt(0).toIntArray()).containsExactly(0, 0, 0, 1);
            assertThat(f.abs().min().item()).isCloseTo(p.margin(), within(1e-12));
        });
        Tensor xor = Tensor.of(new int[] {0, 1, 1, 0});
        assertThat(Separability.of(square, xor)).isInstanceOfSatisfying(Separability.Meeting.class, m -> {
            assertThat(m.multipliers().toDoubleArray())
                    .containsExactly(new double[] {0.5, 0.5, 0.5, 0.5}, within(1e-12));
            assertThat(m.point().toDoubleArray()).containsExactly(new double[] {0.5, 0.5}, within(1e-12));
        });
        // Random labels of many points in few dimensions: hulls meet; a linear rule: they do not.
        Tensor points = Key.of(1).normal(DType.F64, 200, 5);
        Tensor coin = Key.of(2).bernoulli(0.5, 200).to(DType.I32);
        assertThat(Separability.of(points, coin)).isInstanceOfSatisfying(Separability.Meeting.class, m -> {
            Tensor ofOnes = m.multipliers().mul(coin.to(DType.F64));
            Tensor ofZeros = m.multipliers().sub(ofOnes);
            assertThat(ofOnes.sum().item()).isCloseTo(1, within(1e-9));
            assertThat(ofZeros.sum().item()).isCloseTo(1, within(1e-9));
            assertThat(ofOnes.matmul(points)
                            .sub(ofZeros.matmul(points))
                            .abs()
                            .max()
                            .item())
                    .isLessThan(1e-8);
            assertThat(m.multipliers().min().item()).isNotNegative();
        });
        // The answer depends neither on where the points lie nor on their scale.
        for (double offset : new double[] {0, -1e8, 1e12}) {
            for (double scale : new double[] {1e-3, 1, 1e6}) {
                Tensor moved = square.to(DType.F64).mul(scale).add(offset);
                assertThat(Separability.of(moved, xor))
                        .isInstanceOfSatisfying(
                                Separability.Meeting.class,
                                m -> assertThat(m.multipliers().toDoubleArray())
                                        .containsExactly(new double[] {0.5, 0.5, 0.5, 0.5}, within(1e-2)));
                assertThat(Separability.of(moved, and)).isInstanceOfSatisfying(Separability.Plane.class, p -> {
                    assertThat(moved.matmul(p.weights()).add(p.bias()).gt(0).toIntArray())
                            .as("offset %s, scale %s", offset, scale)
                            .containsExactly(0, 0, 0, 1);
                    assertThat(p.margin()).isPositive();
                });
            }
        }
        Tensor rule = points.sum(1).gt(0.3).to(DType.I32);
        assertThat(Separability.of(points, rule)).isInstanceOf(Separability.Plane.class);
        Perceptron learnt = Perceptron.fit(points, rule, 2000);
        assertThat(learnt.separates()).isTrue();
        assertThat(learnt.predict(points).allEqual(rule)).isTrue();
        assertThat(Perceptron.fit(square, xor, 50).separates()).isFalse();
        fails(() -> Perceptron.fit(x, label, 10), "3 classes");
        fails(() -> Separability.of(x, label), "3 classes");
    }

    /** In single precision, ‖x‖² of such points leaves no digit for a difference of 1. */
    @Test
    void neighboursFarFromTheOrigin() {
        Tensor side = Tensor.arange(100).remainder(2);
        Tensor far = Tensor.stack(1, side.to(DType.F32), Tensor.zeros(100)).add(1e4);
        assertThat(NearestNeighbours.fit(far, side, 3).predict(far).allEqual(side))
                .isTrue();
        assertThat(KMeans.fit(far, 2, Key.of(0)).inertia()).isZero();
    }

    /** 2²⁴ + 1 and 2²⁴ are the same in single precision. */
    @Test
    void labelsAreTold() {
        Tensor large = Tensor.of(new long[] {(1 << 24) + 1, 1 << 24});
        Tensor two = Tensor.of(new double[] {0, 1}, 2, 1);
        assertThat(NearestNeighbours.fit(two, large, 1).predict(two).allEqual(large))
                .isTrue();
    }

    /** With one example of a class in ten, every third bootstrap sample has one class alone. */
    @Test
    void baggingWhereAClassIsRare() {
        Tensor rare = Tensor.arange(10).eq(3).to(DType.I64);
        Tensor line = Tensor.arange(10).to(DType.F32).unsqueeze(1);
        List<Model> trees = Bagging.fit((a, b) -> DecisionTree.fit(a, b, 2), line, rare, 20, Key.of(0));
        assertThat(trees).hasSize(20);
        assertThat(Bagging.fit((a, b) -> z -> b, line, Tensor.ones(10), 2, Key.of(0)))
                .hasSize(2);
        fails(() -> DecisionTree.fit(line, rare, 501), "from 1 to 500, but 501");
    }

    @Test
    void unitsOfMcCullochAndPitts() {
        Tensor rows = Tensor.of(new float[][] {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}});
        Tensor y = Tensor.of(new float[] {1, 0, 1, 0});
        McCullochPitts.TwoLayers m = McCullochPitts.TwoLayers.of(rows, y);
        assertThat(m.hidden().weights().dim(0)).isEqualTo(2);
        assertThat(m.predict(rows).allEqual(y)).isTrue();
    }

    private static void fails(Runnable work, String message) {
        assertThatThrownBy(work::run).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }
}
