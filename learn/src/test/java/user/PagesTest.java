package user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.base.DType;
import kawi.classic.Kernel;
import kawi.classic.Learner;
import kawi.classic.Model;
import kawi.classic.Ridge;
import kawi.classic.Svm;
import kawi.data.table.Csv;
import kawi.data.table.Impute;
import kawi.data.table.Standardize;
import kawi.data.table.Table;
import kawi.data.table.Transformation;
import kawi.evaluate.Interval;
import kawi.evaluate.Intervals;
import kawi.evaluate.Scores;
import kawi.evaluate.Split;
import kawi.evaluate.Splits;
import kawi.linalg.Linalg;
import kawi.optim.Lbfgs;
import kawi.optim.Minimum;
import kawi.sparse.LibSvm;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code of some pages of {@code docs}, which stands here word for word. */
class PagesTest {
    @Test
    void leastSquares() {
        Kawi.seed(0);
        Tensor x = Tensor.randn(100, 5);
        Tensor y = x.matmul(Tensor.of(new float[] {1, -2, 3, 0, 0.5f}, 5, 1));
        Tensor w = Linalg.lstsq(x, y);
        Linalg.Svd f = Linalg.svd(x);
        Tensor back = f.u().mul(f.s()).matmul(f.vh());
        assertThat(w.toDoubleArray()).containsExactly(new double[] {1, -2, 3, 0, 0.5}, within(1e-5));
        assertThat(back.sub(x).abs().max().item()).isLessThan(1e-5);
    }

    /** The gradient is ½(C⁻¹xxᵀC⁻¹ − C⁻¹). */
    @Test
    void gaussian() {
        Tensor covariance = Tensor.of(new float[] {2, 0.5f, 0.5f, 1}, 2, 2).requiresGrad();
        Tensor point = Tensor.of(new float[] {1, -1});
        Tensor factor = Linalg.cholesky(covariance);
        Tensor whitened = Linalg.solveTriangular(factor, point, false);
        Tensor logDensity = whitened.square()
                .sum()
                .mul(-0.5)
                .sub(Linalg.diagonal(factor).log().sum())
                .sub(Math.log(2 * Math.PI));
        Tensor byCovariance = Kawi.grad(logDensity, covariance);
        double det = 1.75;
        double[] u = {1.5 / det, -2.5 / det};
        assertThat(logDensity.item())
                .isCloseTo(-0.5 * (u[0] - u[1]) - 0.5 * Math.log(det) - Math.log(2 * Math.PI), within(1e-6));
        assertThat(byCovariance.toDoubleArray())
                .containsExactly(
                        new double[] {
                            0.5 * (u[0] * u[0] - 1 / det),
                            0.5 * (u[0] * u[1] + 0.5 / det),
                            0.5 * (u[0] * u[1] + 0.5 / det),
                            0.5 * (u[1] * u[1] - 2 / det)
                        },
                        within(1e-6));
    }

    @Test
    void coordinates() {
        int[] rows = {0, 2, 2, 0};
        int[] columns = {1, 0, 3, 1};
        Tensor values = Tensor.of(new float[] {1, 2, 3, 4});
        SparseMatrix a = SparseMatrix.coo(3, 4, rows, columns, values);
        Tensor product = a.matmul(Tensor.ones(4));
        assertThat(a.entries()).isEqualTo(3);
        assertThat(product.toFloatArray()).containsExactly(5, 0, 5);
    }

    @Test
    void logisticRegression(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "+1 1:2\n-1 2:1 3:4\n");
        LibSvm.Data data = LibSvm.read(file);
        Tensor w = Tensor.zeros(data.x().columns()).requiresGrad();
        Tensor margin = data.y().mul(data.x().matmul(w));
        Tensor loss = margin.neg().softplus().mean();
        Tensor gradient = Kawi.grad(loss, w);
        assertThat(loss.item()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(gradient.toDoubleArray()).containsExactly(new double[] {-0.5, 0.25, 1}, within(1e-6));
    }

    @Test
    void twoMoons() {
        Tensor t = Key.of(1).uniform(200).mul(Math.PI);
        Tensor y = Tensor.arange(200).remainder(2);
        Tensor side = y.mul(2).rsub(1);
        Tensor moons =
                Tensor.stack(1, t.cos().mul(side).add(y.to(DType.F32)), t.sin().mul(side));
        Svm svm = Svm.fit(moons, y, Kernel.rbf(2), 10);
        Tensor predicted = svm.predict(moons);
        double accuracy = predicted.eq(y).to(DType.F32).mean().item();
        assertThat(accuracy).isEqualTo(1);
    }

    @Test
    void crossValidation() {
        Tensor x = Key.of(1).normal(60, 3);
        Tensor y = x.matmul(Tensor.of(new float[] {1, -2, 0}))
                .add(Key.of(2).normal(60).mul(0.1));
        Learner learner = (a, b) -> Ridge.fit(a, b, 0.1);
        double squares = 0;
        for (Split split : Splits.kFold(60, 5, 0)) {
            Tensor train = Tensor.of(split.train());
            Tensor test = Tensor.of(split.test());
            Model model = learner.fit(x.take(0, train), y.take(0, train));
            Tensor error = model.predict(x.take(0, test)).sub(y.take(0, test));
            squares += error.square().sum().item();
        }
        assertThat(squares / 60).isCloseTo(0.01, within(0.01));
    }

    /** Whoever is old and has a high pressure is ill, and the model finds it out. */
    @Test
    void evaluation(@TempDir Path folder) throws IOException {
        Path file = people(folder);
        Table table = new Csv().missing("", "?").read(file);
        Split split = Splits.stratified(table.codes("ill"), 0.25, 1);
        Table.Parts parts = table.split(split.train(), split.test());
        Impute impute = Impute.fit(parts.training(), Impute.By.MEDIAN, "age", "pressure");
        Transformation prepare = impute.then(Standardize.fit(impute.apply(parts.training()), "age", "pressure"));
        Table train = prepare.apply(parts.training()).table();
        Table test = prepare.apply(parts.test());
        Tensor x = train.tensor(DType.F64, "age", "pressure");
        Tensor y = train.classes("ill").to(DType.F64);
        Minimum fit = new Lbfgs()
                .minimize(
                        w -> x.matmul(w)
                                .softplus()
                                .sub(x.matmul(w).mul(y))
                                .mean()
                                .add(w.square().sum().mul(1e-3)),
                        Tensor.zeros(DType.F64, 2));
        Tensor scores = test.tensor(DType.F64, "age", "pressure").matmul(fit.x());
        Tensor right = scores.gt(0).eq(test.classes("ill").eq(1));
        Interval interval = Intervals.clopperPearson((long) right.sum().item(), right.size(), 0.95);
        assertThat(interval.low()).isGreaterThan(0.7);
        assertThat(fit.converged()).isTrue();
    }

    @Test
    void foldsOfPeople(@TempDir Path folder) throws IOException {
        Table table = new Csv().missing("", "?").read(people(folder));
        List<Split> folds = Splits.stratifiedKFold(table.codes("ill"), 10, 0);
        Scores scores = Scores.of(folds, fold -> accuracy(table, fold));
        Interval mean = scores.interval(0.95);
        assertThat(mean.contains(table.classes("ill").to(DType.F64).mean().item()))
                .isTrue();
    }

    /** Of a model that says yes. */
    private static double accuracy(Table table, Split fold) {
        return table.take(fold.test()).classes("ill").to(DType.F64).mean().item();
    }

    private static Path people(Path folder) throws IOException {
        StringBuilder text = new StringBuilder("name,age,pressure,ill\n");
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            double age = 50 + 15 * random.nextGaussian();
            double pressure = 130 + 20 * random.nextGaussian();
            boolean ill = (age - 50) / 15 + (pressure - 130) / 20 > 0.3 * random.nextGaussian();
            text.append("p")
                    .append(i)
                    .append(',')
                    .append(i % 9 == 0 ? "?" : Math.round(age))
                    .append(',');
            text.append(Math.round(pressure)).append(',').append(ill ? 1 : 0).append('\n');
        }
        return Files.writeString(folder.resolve("people.csv"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear-algebra.md", "sparse.md", "classical.md", "evaluation.md"})
    void theCodeOfThePageIsThisCode(String page) throws IOException {
        String here = Files.readString(Path.of("src/test/java/user/PagesTest.java"));
        Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs", page)));
        int count = 0;
        for (; blocks.find(); count++) {
            assertThat(here).contains(blocks.group(1).stripTrailing().indent(8).stripTrailing());
        }
        assertThat(count).isEqualTo(2);
    }
}
