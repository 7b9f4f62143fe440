package kawi.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.data.DataException;
import kawi.data.RealData;
import kawi.data.TextLines;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading the LIBSVM format, and learning from a real file of it. */
class LibSvmTest {
    private static LibSvm.Data read(String text, int features) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return LibSvm.read(new TextLines(new ByteArrayInputStream(bytes), "text", 1000), features);
    }

    @Test
    void readsLines() throws IOException {
        LibSvm.Data d = read("+1 1:0.5 3:-2e-1\n\n# nothing\n-1\t2:7 \r\n3 # no features\n0 3:0", 0);
        assertThat(d.y().toDoubleArray()).containsExactly(1, -1, 3, 0);
        assertThat(d.x().toString()).isEqualTo("SparseMatrix [4, 3], 4 entries f32, CSR");
        assertThat(d.x().toDense().toFloatArray()).containsExactly(0.5f, 0, -0.2f, 0, 7, 0, 0, 0, 0, 0, 0, 0);
        assertThat(read("1 2:1", 5).x().shape()).isEqualTo(Shape.of(1, 5));
        assertThat(read("1\n2", 0).x().shape()).isEqualTo(Shape.of(2, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \n", "# 1 1:1"})
    void filesWithoutExamples(String text) {
        for (int features : new int[] {0, 7}) {
            assertThatThrownBy(() -> read(text, features))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("text has no example");
        }
    }

    @Test
    void readsManyLinesAndGzip(@TempDir Path folder) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append(i).append(" ").append(i % 50 + 1).append(":").append(i).append(" 60:1 61:0.25\n");
        }
        Path plain = Files.writeString(folder.resolve("data"), text);
        Path packed = folder.resolve("data.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        byte[] all = Files.readAllBytes(packed);
        for (int length : new int[] {5, all.length / 2}) {
            Path cut = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(all, length));
            assertThatThrownBy(() -> LibSvm.read(cut))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("cut.gz")
                    .hasMessageContaining("the packed data ends too early");
        }
        for (Path file : new Path[] {plain, packed}) {
            LibSvm.Data d = LibSvm.read(file);
            assertThat(d.x().shape()).isEqualTo(Shape.of(3000, 61));
            assertThat(d.x().entries()).isEqualTo(9000);
            assertThat(d.x().slice(2999, 3000).toDense().select(1, 49).item()).isEqualTo(2999);
            assertThat(d.y().sum().item()).isEqualTo(2999 * 1500);
        }
        assertThatThrownBy(() -> LibSvm.read(folder.resolve("absent")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("absent cannot be read");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        x 1:1          | line 2, column 1: a label is expected, a decimal number within the range of a float, but there is "x"
        1 2            | line 2, column 3: index:value is expected, such as 3:0.5, but there is "2"
        1 a:1          | line 2, column 3: index:value is expected, such as 3:0.5, but there is "a:1"
        1 -1:1         | line 2, column 3: index:value is expected, such as 3:0.5, but there is "-1:1"
        1 :1           | line 2, column 3: index:value is expected, such as 3:0.5, but there is ":1"
        1 1.5:1        | line 2, column 3: index:value is expected, such as 3:0.5, but there is "1.5:1"
        1 qid:3 1:1    | line 2, column 3: index:value is expected, such as 3:0.5, but there is "qid:3"
        1,2 1:1        | line 2, column 1: a label is expected, a decimal number within the range of a float, but there is "1,2"
        1 0:1          | line 2, column 3: indices start at 1; add 1 to all of them, but there is "0:1"
        1 3:1 2:1      | line 2, column 7: indices of a line ascend, and the one before is 3, but there is "2:1"
        1 3:1 3:1      | line 2, column 7: indices of a line ascend, and the one before is 3, but there is "3:1"
        1 8:1 9:1      | line 2, column 7: indices go up to 8, but there is "9:1"
        1 2:           | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is nothing
        1 2:1:3        | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "1:3"
        1 2:one        | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "one"
        1 2:1f         | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "1f"
        1 2:NaN        | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "NaN"
        1 2:1e60       | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "1e60"
        1 2:1e         | line 2, column 5: a value is expected, a decimal number within the range of a float, but there is "1e"
        1 99999999999:1 | line 2, column 3: indices go up to 8, but there is "99999999999:1"
        1 2147483648:1 | line 2, column 3: indices go up to 8, but there is "2147483648:1"
        """)
    void messagesHaveLineAndColumn(String line, String message) {
        assertThatThrownBy(() -> read("1 1:1\n" + line + "\n", 8))
                .isInstanceOf(DataException.class)
                .hasMessage("text, " + message);
    }

    /** The figures of the data's own description; entries counted with {@code grep -o : a9a | wc -l}. */
    @Test
    void a9a() {
        LibSvm.Data d = LibSvm.read(RealData.path("libsvm/a9a"));
        assertThat(d.x().shape()).isEqualTo(Shape.of(32_561, 123));
        assertThat(d.x().entries()).isEqualTo(451_592);
        assertThat(d.x().values().eq(1).all().item()).isEqualTo(1);
        assertThat(d.y().abs().eq(1).all().item()).isEqualTo(1);
        LibSvm.Data test = LibSvm.read(RealData.path("libsvm/a9a.t"), 123);
        assertThat(test.x().shape()).isEqualTo(Shape.of(16_281, 123));
        LibSvm.Data guide = LibSvm.read(RealData.path("libsvm/svmguide1"));
        assertThat(guide.x().shape()).isEqualTo(Shape.of(3089, 4));
        assertThat(guide.x().slice(0, 1).toDense().toFloatArray())
                .containsExactly(26.173f, 58.867f, -0.1894697f, 125.1225f);
    }

    /** The gradient of logistic regression, mean ln(1 + exp(−y·xᵀw)), on sparse and on dense features; 32,561 terms in f32 differ by some √n·2⁻²⁴. */
    @Test
    void gradientOfLogisticRegressionOnA9a() {
        LibSvm.Data d = LibSvm.read(RealData.path("libsvm/a9a"));
        double[] start = new java.util.Random(1).doubles(123, -0.5, 0.5).toArray();
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor w = Tensor.of(start).to(type).requiresGrad();
            Tensor y = d.y().to(type);
            SparseMatrix x = d.x().withValues(d.x().values().to(type));
            Tensor sparse = Kawi.grad(y.neg().mul(x.matmul(w)).softplus().mean(), w);
            Tensor dense = Kawi.grad(
                    y.neg()
                            .mul(x.toDense().matmul(w.unsqueeze(1)).squeeze(1))
                            .softplus()
                            .mean(),
                    w);
            assertThat(sparse.toDoubleArray())
                    .containsExactly(dense.toDoubleArray(), within(type == DType.F64 ? 1e-14 : 1e-5));
            Tensor columns = x.toCsc().matmul(w);
            assertThat(Kawi.grad(y.neg().mul(columns).softplus().mean(), w).toDoubleArray())
                    .containsExactly(dense.toDoubleArray(), within(type == DType.F64 ? 1e-14 : 1e-5));
        }
    }
}
