package kawi.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.data.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is learnt from training rows, applied to others. */
class TransformationTest {
    @TempDir
    Path folder;

    private Table table(String text) throws IOException {
        return new Csv().read(Files.writeString(folder.resolve("t.csv"), text));
    }

    private static final int[] TRAIN = {0, 1, 2, 3};
    private static final int[] TEST = {4, 5};

    @Test
    void scaling() throws IOException {
        Table t = table("x,y,c\n1,10,a\n2,20,b\n3,30,a\n6,40,a\n9,-10,b\n3,25,a\n");
        Table.Parts parts = t.split(TRAIN, TEST);
        Standardize s = Standardize.fit(parts.training(), "x");
        assertThat(s.means()).containsExactly(3); // of 1, 2, 3, 6: the test rows do not count
        assertThat(s.deviations()[0]).isCloseTo(Math.sqrt(3.5), within(1e-15));
        Table test = s.apply(parts.test());
        assertThat(test.tensor(DType.F64, "x").toDoubleArray())
                .containsExactly(new double[] {6 / Math.sqrt(3.5), 0}, within(1e-15));
        assertThat(test.tensor("y").toDoubleArray()).containsExactly(-10, 25);
        MinMax m = MinMax.fit(parts.training());
        assertThat(m.columns()).containsExactly("x", "y");
        assertThat(m.apply(parts.test()).tensor(DType.F64).toDoubleArray())
                .containsExactly(new double[] {8 / 5.0, -20 / 30.0, 2 / 5.0, 15 / 30.0}, within(1e-15));
        Transformation both = s.then(MinMax.fit(s.apply(parts.training())));
        assertThat(both.apply(parts.training()).table().tensor(DType.F64).min(0).toDoubleArray())
                .containsExactly(0, 0);
        assertThat(both.apply(parts.training()).table().tensor(DType.F64).max(0).toDoubleArray())
                .containsExactly(1, 1);
        assertThat(t.map("x", "log x", Math::log).tensor(DType.F64, "log x").toDoubleArray()[3])
                .isEqualTo(Math.log(6));
        assertThat(t.map("x", "x", v -> -v).schema().names()).containsExactly("x", "y", "c");
    }

    @Test
    void categories() throws IOException {
        Table.Parts parts = table("c,x\nb,1\na,2\nb,3\na,4\na,5\nd,6\n").split(TRAIN, TEST);
        OneHot zeros = OneHot.fit(parts.training(), OneHot.Unknown.ZEROS);
        assertThat(zeros.apply(parts.training()).table().schema().names()).containsExactly("x", "c=a", "c=b");
        assertThat(zeros.apply(parts.test()).tensor().toDoubleArray()).containsExactly(5, 1, 0, 6, 0, 0);
        OneHot strict = OneHot.fit(parts.training(), OneHot.Unknown.ERROR, "c");
        assertThatThrownBy(() -> strict.apply(parts.test()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "t.csv, line 7, column \"c\": \"d\" did not occur in training, where there were [a, b]");
        assertThatThrownBy(() -> OneHot.fit(parts.training(), OneHot.Unknown.ERROR, "x"))
                .hasMessageContaining("kind NUMBER");
    }

    @Test
    void imputing() throws IOException {
        Table.Parts parts = table("x,c\n1,a\n2,\n,b\n9,b\n,\n50,a\n").split(TRAIN, TEST);
        Training train = parts.training();
        assertThat(Impute.fit(train, Impute.By.MEAN).values()).containsExactly(4);
        assertThat(Impute.fit(train, Impute.By.MEDIAN, "x").values()).containsExactly(2);
        Impute most = Impute.fit(train, Impute.By.MOST_FREQUENT, "x", "c");
        assertThat(most.values()).containsExactly(1, 1);
        assertThat(most.apply(parts.test()).tensor("x").toDoubleArray()).containsExactly(1, 50);
        assertThat(most.apply(parts.test()).texts("c")).containsExactly("b", "a");
        assertThatThrownBy(() -> Standardize.fit(train, "x"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 4, column \"x\": the value is missing");
        assertThatThrownBy(() -> Impute.fit(train, Impute.By.MEAN, "c")).hasMessageContaining("has no MEAN");
        Training without =
                table("x,y\n,1\n,2\n,3\n,4\n5,5\n6,6\n").split(TRAIN, TEST).training();
        assertThatThrownBy(() -> Impute.fit(without, Impute.By.MEAN, "x"))
                .hasMessageContaining("missing in all 4 training rows");
    }

    /** The deviation of a and 2a is a/2, whatever a is; the codes of categories are those of their file. */
    @Test
    void extremes() throws IOException {
        for (String a : List.of("1e-200", "1e-300", "1", "1e200")) {
            Table t = table("x\n%s\n%s\n".formatted(a, 2 * Double.parseDouble(a)));
            Training train = t.split(new int[] {0, 1}, new int[0]).training();
            for (Transformation f : List.of(Standardize.fit(train), MinMax.fit(train))) {
                double[] scaled = f.apply(t).tensor(DType.F64).toDoubleArray();
                assertThat(scaled).containsExactly(new double[] {f instanceof MinMax ? 0 : -1, 1}, within(1e-12));
            }
        }
        Table huge = table("x\n1e308\n-1e308\n");
        Training train = huge.split(new int[] {0, 1}, new int[0]).training();
        assertThatThrownBy(() -> Standardize.fit(train)).hasMessageContaining("1.0E308 are too large");
        assertThatThrownBy(() -> MinMax.fit(train)).hasMessageContaining("too large");
        Table t = table("c,n\nx,1\ny,2\nx,3\n");
        Impute most = Impute.fit(t.split(new int[] {0, 1, 2}, new int[0]).training(), Impute.By.MOST_FREQUENT, "c");
        Table other = table("c,n\na,1\n,2\n");
        assertThatThrownBy(() -> most.apply(other))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("fields of the training file's schema");
    }

    @Test
    void whatCannotBeLearntIsRefused() throws IOException {
        Table t = table("x,c\n7,a\n7,a\n7,a\n7,a\n8,b\n9,b\n");
        Training train = t.split(TRAIN, TEST).training();
        assertThatThrownBy(() -> Standardize.fit(train, "x"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("t.csv, line 2, column \"x\": the value is 7.0 in all 4 training rows")
                .hasMessageContaining("without(\"x\")");
        assertThatThrownBy(() -> MinMax.fit(train)).hasMessageContaining("has no scale");
        assertThatThrownBy(() -> train.classes("c")).hasMessageContaining("one class in all 4 training rows");
        assertThat(t.split(new int[] {0, 5}, new int[0]).training().classes("c").toIntArray())
                .containsExactly(0, 1);
        assertThatThrownBy(() -> Standardize.fit(t.split(new int[0], TEST).training(), "x"))
                .hasMessageContaining("without rows");
        assertThatThrownBy(() -> t.split(TRAIN, new int[] {3, 4}))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("row 3 is to be in both parts");
        assertThatThrownBy(() -> t.take(6)).hasMessageContaining("row 6 is asked for");
    }

    /** Fitting on test rows does not compile: what fits takes Training, which only a split of a table makes. */
    @Test
    void onlyTrainingRowsCanBeLearntFrom() {
        assertThat(Training.class.getDeclaredConstructors()).noneMatch(c -> Modifier.isPublic(c.getModifiers()));
        assertThat(Stream.of(Standardize.class, MinMax.class, Impute.class, OneHot.class)
                        .flatMap(c -> Arrays.stream(c.getMethods()))
                        .filter(m -> m.getName().equals("fit")))
                .hasSize(4)
                .allMatch(m -> m.getParameterTypes()[0] == Training.class);
    }
}
