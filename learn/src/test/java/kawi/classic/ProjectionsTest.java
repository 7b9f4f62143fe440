package kawi.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What changes the space of features, groups, maps, and factors. */
class ProjectionsTest {
    private final Tensor x = ClassicReference.matrix("x");

    @Test
    void principalComponentsAsNumPyFindsThem() {
        double[] components = ClassicReference.numbers("components");
        double[] variances = ClassicReference.numbers("variances");
        for (Pca p : new Pca[] {Pca.fit(x, 4), Pca.randomized(x, 4, Key.of(0))}) {
            assertThat(p.variances().toDoubleArray()).containsExactly(variances, within(1e-10));
            assertThat(p.components().abs().toDoubleArray())
                    .containsExactly(Arrays.stream(components).map(Math::abs).toArray(), within(1e-8));
            assertThat(p.inverse(p.transform(x)).sub(x).abs().max().item()).isLessThan(1e-10);
        }
        assertThat(Pca.fit(x, 2).transform(x).variance(1, 0).toDoubleArray())
                .containsExactly(Arrays.copyOf(variances, 2), within(1e-10));
    }

    /** More features than examples go by XXᵀ; the subspace is that of the SVD, which keeps what it projects. */
    @Test
    void componentsOfWideData() {
        Tensor wide = Key.of(3).normal(DType.F64, 6, 40);
        Pca p = Pca.fit(wide, 5);
        Tensor identity = p.components().matmul(p.components().t());
        assertThat(identity.sub(Tensor.eye(5).to(DType.F64)).abs().max().item()).isLessThan(1e-10);
        assertThat(p.inverse(p.transform(wide)).sub(wide).abs().max().item()).isLessThan(1e-9);
        fails(() -> Pca.fit(wide, 7), "7 components");
        fails(() -> Pca.fit(wide, 2).transform(x), "fitted to 40 features");
    }

    /** E‖f(x)‖² = ‖x‖²; over 400 dimensions of 2/k variance the mean over 60 rows is within 5 %. */
    @Test
    void randomProjectionsKeepLengths() {
        for (RandomProjection p : new RandomProjection[] {
            RandomProjection.gaussian(4, 4000, Key.of(1)), RandomProjection.sparse(4, 4000, Key.of(2))
        }) {
            Tensor ratio =
                    p.transform(x.to(DType.F32)).norm(2, 1).div(x.to(DType.F32).norm(2, 1));
            assertThat(ratio.sub(1).abs().max().item()).isLessThan(0.06);
        }
        Tensor sparse = RandomProjection.sparse(50, 300, Key.of(3)).matrix();
        assertThat(sparse.eq(0).to(DType.F32).mean().item()).isCloseTo(2 / 3.0, within(0.02));
        // 4·ln 1000/(0.02 − 0.00267) = 1594.1…
        assertThat(RandomProjection.dimension(1000, 0.2)).isEqualTo(1595);
        fails(() -> RandomProjection.dimension(10, 1), "ε");
    }

    @Test
    void randomFourierFeaturesNearTheKernel() {
        RandomFourierFeatures f = RandomFourierFeatures.of(4, 20_000, 0.05, Key.of(1));
        Tensor z = f.transform(x.to(DType.F32));
        Tensor k = Kernel.rbf(0.05).matrix(x.to(DType.F32), x.to(DType.F32));
        // each of 3,600 sums has deviation at most 1/√20,000
        assertThat(z.matmul(z.t()).sub(k).abs().max().item()).isLessThan(0.04);
    }

    @Test
    void kMeansFindsPlantedGroups() {
        Tensor centres = Tensor.of(new float[][] {{0, 0}, {10, 0}, {0, 10}, {10, 10}});
        Tensor points =
                centres.repeatInterleave(50, 0).add(Key.of(1).normal(200, 2).mul(0.5));
        KMeans m = KMeans.fit(points, 4, Key.of(2));
        long[] side = m.predict(points).toLongArray();
        double inertia = 0;
        for (int group = 0; group < 4; group++) {
            assertThat(Arrays.stream(side, 50 * group, 50 * group + 50)
                            .distinct()
                            .count())
                    .isEqualTo(1);
            Tensor own = points.slice(0, 50 * group, 50 * group + 50);
            inertia += own.sub(own.mean(0)).square().sum().item();
        }
        assertThat(m.inertia()).isCloseTo(inertia, within(1e-3 * inertia));
        assertThat(KMeans.fit(points.slice(0, 0, 3), 3, Key.of(0)).inertia()).isCloseTo(0, within(1e-4));
        assertThat(KMeans.fit(Tensor.ones(5, 2), 3, Key.of(0)).inertia()).isZero();
        fails(() -> KMeans.fit(points, 201, Key.of(0)), "201 centres");
    }

    /** Two groups far apart stay apart, and the divergence is that of the places as a loop sums it. */
    @Test
    void tsneKeepsGroupsApart() {
        Tensor points = Key.of(1)
                .normal(40, 5)
                .add(Tensor.arange(40).ge(20).to(DType.F32).mul(30).unsqueeze(1));
        Tsne.Embedding e = Tsne.embed(points, new Tsne.Options(5, 400), Key.of(2));
        double[] y = e.places().toDoubleArray();
        double within = 0;
        double between = Double.MAX_VALUE;
        for (int i = 0; i < 40; i++) {
            for (int j = 0; j < 40; j++) {
                double d = Math.hypot(y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1]);
                if (i / 20 == j / 20) {
                    within = Math.max(within, d);
                } else {
                    between = Math.min(between, d);
                }
            }
        }
        assertThat(between).isGreaterThan(0.5 * within);
        assertThat(e.divergence()).isBetween(0.0, 1.0);
        // From any start about as good; no point is flung away, which left a divergence of 0.8 and places beyond 900.
        for (int start = 0; start < 4; start++) {
            Tsne.Embedding whole = Tsne.embed(points, new Tsne.Options(5, 750), Key.of(start));
            assertThat(whole.divergence()).as("start %d", start).isLessThan(0.4);
            assertThat(whole.places().abs().max().item()).isLessThan(100);
        }
        fails(
                () -> Tsne.embed(points, new Tsne.Options(30, 10), Key.of(0)),
                "perplexity of 30.0 takes more than 90 points");
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void factorsOfAPlantedTable(boolean implicit) {
        int users = 30;
        int items = 20;
        Tensor u = Tensor.arange(600).div(items).floor().to(DType.I64);
        Tensor i = Tensor.arange(600).remainder(items).to(DType.I64);
        Tensor p = Key.of(1).normal(users, 2);
        Tensor q = Key.of(2).normal(items, 2);
        Tensor rating = p.take(0, u).mul(q.take(0, i)).sum(1).add(3);
        var options = new MatrixFactorization.Options(4, 300, 0.02, 1, 0, 1e-4, implicit);
        MatrixFactorization m = MatrixFactorization.fit(users + 1, items, u, i, rating, options, Key.of(3));
        assertThat(m.predict(u, i).sub(rating).square().mean().item()).isLessThan(1e-3);
        // A user without ratings gets the mean and the item's bias.
        Tensor fresh = m.predict(Tensor.of(new long[] {users}), Tensor.of(new long[] {4}));
        if (!implicit) {
            assertThat(fresh.item())
                    .isCloseTo(m.mean() + m.itemBiases().select(0, 4).item(), within(1e-6));
        }
        fails(() -> m.predict(Tensor.of(new long[] {31}), Tensor.of(new long[] {0})), "user 31 of rating 0 is unknown");
        fails(() -> MatrixFactorization.fit(5, 5, u, i, rating, options, Key.of(0)), "unknown; users run from 0 to 4");
    }

    @Test
    void aDescentThatDivergesIsRefused() {
        Tensor two = Tensor.of(new int[] {0, 1});
        MatrixFactorization.Options wild = new MatrixFactorization.Options(2, 100, 50, 1, 0.1, 0.1, true);
        fails(
                () -> MatrixFactorization.fit(2, 2, two, two, Tensor.of(new double[] {1, 5}), wild, Key.of(0)),
                "learning rate below 50.0");
    }

    private static void fails(Runnable work, String message) {
        assertThatThrownBy(work::run).isInstanceOf(KawiException.class).hasMessageContaining(message);
    }
}
