package kawi.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.data.DataException;
import kawi.data.RealData;
import kawi.data.TextLines;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading CSV: what is of the format, and a line and column for what is not. */
class CsvTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("t.csv"), text);
    }

    private static final String PEOPLE =
            "name,age,town\r\n\"O\"\"Neil, J.\",41,Cork\r\nLi,,\"two\nlines\"\r\nAda,36.5,Cork\r\n";

    @Test
    void kindsAndMissingValues() throws IOException {
        Table t = new Csv().read(file(PEOPLE));
        assertThat(t.schema().fields())
                .containsExactly(
                        Field.category("name", List.of("Ada", "Li", "O\"Neil, J.")),
                        Field.number("age"),
                        Field.category("town", List.of("Cork", "two\nlines")));
        assertThat(t.rows()).isEqualTo(3);
        assertThat(t.texts("name")).containsExactly("O\"Neil, J.", "Li", "Ada");
        assertThat(t.mask("age", "town").toIntArray()).containsExactly(0, 0, 1, 0, 0, 0);
        assertThat(t.tensorWithNan(DType.F64, "age").toDoubleArray()).containsExactly(41, Double.NaN, 36.5);
        assertThatThrownBy(() -> t.tensor("age"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("t.csv, line 3, column \"age\": the value is missing");
        assertThat(t.take(0, 2).tensor("age").toDoubleArray()).containsExactly(41, 36.5);
        assertThat(t.take(0, 2).tensor().shape()).isEqualTo(Shape.of(2, 1));
        assertThat(t.classes("town").toIntArray()).containsExactly(0, 1, 0);
        assertThat(t.line(2)).isEqualTo(5);
        assertThatThrownBy(() -> t.tensor("town"))
                .hasMessageContaining("kind CATEGORY")
                .hasMessageContaining("OneHot");
        assertThatThrownBy(() -> t.tensor("aeg")).hasMessageContaining("the columns are [name, age, town]");
    }

    /** The lines of a value in quotation marks are looked at together: the commas in them separate nothing. */
    @Test
    void theSeparatorIsFoundOutByRows() throws IOException {
        Table t = new Csv().read(file("a;b\n\"x,y\nz,w\";1\n\"q,r\n\nz,w\";2\n"));
        assertThat(t.schema().names()).containsExactly("a", "b");
        assertThat(t.texts("a")).containsExactly("x,y\nz,w", "q,r\n\nz,w");
    }

    @Test
    void aGzipFileThatEndsInItsHeader() throws IOException {
        Path packed = Files.write(folder.resolve("t.csv.gz"), new byte[] {0x1f, (byte) 0x8b});
        assertThatThrownBy(() -> new Csv().read(packed))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the packed data ends too early");
    }

    /** Random values, written with quotation marks where needed, come back as they were, whatever the line ends. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void thereAndBack(String end) throws IOException {
        Random random = new Random(3);
        String[] pieces = {"a", "\"", ",", " ", "\n", "ü", "\r\n", "𝄞", "0.5", "-", "'"};
        List<List<String>> rows = new ArrayList<>();
        StringBuilder text = new StringBuilder("x,y,z");
        for (int r = 0; r < 300; r++) {
            List<String> row = new ArrayList<>();
            for (int c = 0; c < 3; c++) {
                StringBuilder value = new StringBuilder("v");
                for (int k = random.nextInt(6); k > 0; k--) {
                    value.append(pieces[random.nextInt(pieces.length)]);
                }
                row.add(value.toString());
            }
            rows.add(row);
            text.append(end)
                    .append(String.join(
                            ",",
                            row.stream()
                                    .map(v -> '"' + v.replace("\"", "\"\"") + '"')
                                    .toList()));
        }
        text.append(random.nextBoolean() ? end : "");
        List<Field> fields = List.of(Field.text("x"), Field.text("y"), Field.text("z"));
        Table t = new Csv().fields(fields).read(file(text.toString()));
        for (int c = 0; c < 3; c++) {
            int column = c;
            assertThat(t.texts(fields.get(c).name()))
                    .isEqualTo(rows.stream().map(r -> r.get(column)).toList());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {"','", "';'", "'\t'", "'|'"})
    void separatorsAreFoundOut(char separator) throws IOException {
        String text = "a;1,b\n1.5;2,3\n-1e3;\"4,;\t|\",5\n"
                .replace(',', '#')
                .replace(';', separator)
                .replace('#', separator);
        Table t = new Csv().read(file(text));
        assertThat(t.schema().fields()).hasSize(3);
        assertThat(t.tensor("a").toDoubleArray()).containsExactly(1.5, -1000);
    }

    @Test
    void otherForms() throws IOException {
        Table blanks = new Csv().separator(' ').header(false).read(file("  1   2.5\t3  \n\n 4 5 6\n"));
        assertThat(blanks.tensor().toDoubleArray()).containsExactly(1, 2.5, 3, 4, 5, 6);
        assertThat(blanks.schema().names()).containsExactly("column1", "column2", "column3");
        Table one = new Csv().read(file("x\n1\n\n3"));
        assertThat(one.mask().toIntArray()).containsExactly(0, 1, 0);
        assertThat(new Csv().read(file("\uFEFFx,y\n")).schema().names()).containsExactly("x", "y");
        assertThat(new Csv().read(file("x,y\n")).tensor().shape()).isEqualTo(Shape.of(0, 2));
        assertThat(new Csv().read(file("x,,\n1,2,3")).schema().names()).containsExactly("x", "column2", "column3");
        Table marked = new Csv().missing("", "?", "NA").read(file("x,y\n?,a\n1, NA \n2,\"NA\"\n"));
        assertThat(marked.mask().toIntArray()).containsExactly(1, 0, 0, 1, 0, 0);
        assertThat(marked.schema().fields().get(1).categories()).containsExactly("NA", "a");
        Table empty = new Csv().read(file("x,y\n,1\n,2\n"));
        assertThat(empty.schema().fields().getFirst()).isEqualTo(Field.number("x"));
        Table dates = new Csv()
                .fields(List.of(Field.date("t")))
                .read(file("t\n1970-01-02\n1970-01\n1970-01-01 00:01:00\n1970-01-01T01:00\n"));
        assertThat(dates.tensor(DType.F64, "t").toDoubleArray()).containsExactly(86400, 0, 60, 3600);
    }

    @Test
    void manyValuesAreText() throws IOException {
        StringBuilder text = new StringBuilder("id,n\n");
        for (int i = 0; i < 1500; i++) {
            text.append("k").append(i).append(',').append(i).append('\n');
        }
        Path packed = folder.resolve("t.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        Table t = new Csv().read(packed);
        assertThat(t.schema().fields().getFirst()).isEqualTo(Field.text("id"));
        assertThat(t.tensor("n").sum().item()).isEqualTo(1500 * 1499 / 2);
        try (Rows rows = new Csv().rows(packed)) {
            assertThat(rows.next().number(1)).isZero();
            assertThat(rows.next().text(0)).isEqualTo("k1");
        }
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("a,b\n1,2\n3\n", "line 3, column 1: the row has 1 values, but there are 2 columns"),
                Arguments.of("a,b\n1,2,3\n", "line 2, column 5: the row has 3 values, but there are 2 columns"),
                Arguments.of("a,b\n1,2\n\"x\ny\",4,5\n", "line 4, column 6: the row has 3 values"),
                Arguments.of("a,b\n1,2\n3,x\"y\n", "line 3, column 4: a quotation mark stands within"),
                Arguments.of("a,b\n1,2\n3,\"x\"y\n", "line 3, column 6: a separator is expected after the closing"),
                Arguments.of(
                        "a,b\n1,2\n3,\"x\n\n",
                        "line 3, column 3: the quotation mark that opens here is not closed before the end"),
                Arguments.of("a,a\n1,2\n", "line 1, column 3: there are two columns \"a\""),
                Arguments.of("a,b\n1,2\n3,\u0000\uD83D\uDE00x\n", null));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void messagesHaveLineAndColumn(String text, String message) throws IOException {
        Path file = file(text);
        if (message == null) {
            assertThat(new Csv().read(file).rows()).isEqualTo(2);
        } else {
            assertThatThrownBy(() -> new Csv().read(file))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("t.csv, " + message);
        }
    }

    @Test
    void valuesThatDoNotFitTheSchema() throws IOException {
        List<Field> fields = List.of(Field.number("a"), Field.category("c", List.of("x", "y")));
        Csv csv = new Csv().fields(fields);
        Path number = file("a,c\n1,x\nten,y\n");
        assertThatThrownBy(() -> csv.read(number))
                .hasMessageContaining("line 3, column 1: a decimal number is expected in \"a\", but there is \"ten\"");
        Path label = file("a,c\n1,x\n2,z\n");
        assertThatThrownBy(() -> csv.read(label))
                .hasMessageContaining("line 3, column 3: \"z\" is not one of the known categories of \"c\", [x, y]");
        for (String bad : List.of("1e999", "0x1p3", "1f", "NaN", "Infinity", "1_000", "١", "1 2", "--1", ".", "1e")) {
            Path file = file("a,c\n" + bad + ",x\n");
            assertThatThrownBy(() -> csv.read(file)).as(bad).hasMessageContaining("line 2, column 1");
        }
        Path absent = file("a,d\n1,x\n");
        assertThatThrownBy(() -> csv.read(absent))
                .hasMessageContaining("line 1, column 3: column \"c\" is expected here, but there is \"d\"");
        Path fewer = file("a\n1\n");
        assertThatThrownBy(() -> csv.read(fewer))
                .hasMessageContaining("2 columns are expected, [a, c], but there are 1");
        Path date = file("t\n2020-13-01\n");
        assertThatThrownBy(() -> new Csv().fields(List.of(Field.date("t"))).read(date))
                .hasMessageContaining("line 2, column 1: a date is expected");
        Path wide = file(",".repeat(99_999) + "\n");
        assertThat(new Csv().header(false).read(wide).schema().fields()).hasSize(100_000);
        Path tooWide = file(",".repeat(5_000_000) + "\n");
        assertThatThrownBy(() -> new Csv().read(tooWide))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 1, column 100001: the row has more than 100,000 values");
        Path empty = file("");
        assertThatThrownBy(() -> new Csv().read(empty)).hasMessageContaining("t.csv is empty");
        assertThatThrownBy(() -> new Csv().read(folder.resolve("absent.csv")))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void bytesThatAreNoText() throws IOException {
        Path latin = folder.resolve("latin.csv");
        Files.write(latin, "a,b\n1,K\u00f6ln\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> new Csv().read(latin))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 2, column 4: the byte 0xf6 is not UTF-8");
        Path cut = folder.resolve("cut.csv");
        Files.write(cut, new byte[] {'a', '\n', (byte) 0xe2, (byte) 0x82});
        assertThatThrownBy(() -> new Csv().read(cut)).hasMessageContaining("line 2, column 1");
        Path damaged = folder.resolve("damaged.gz");
        Files.write(damaged, new byte[] {0x1f, (byte) 0x8b, 1, 2, 3});
        assertThatThrownBy(() -> new Csv().read(damaged))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("damaged.gz");
    }

    /** A stream of ten billion bytes without a line end: refused after the limit, long before its end. */
    @Test
    void endlessLinesAreRefusedEarly() {
        long[] given = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return given[0]++ < 10_000_000_000L ? 'x' : -1;
            }

            @Override
            public int read(byte[] to, int from, int count) {
                java.util.Arrays.fill(to, from, from + count, (byte) 'x');
                given[0] += count;
                return count;
            }
        };
        assertThatThrownBy(() -> new TextLines(endless, "endless", 1 << 20).next())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("endless, line 1: the line is longer than 1,048,576 bytes");
        assertThat(given[0]).isLessThan(2 << 20);
    }

    /** The same by way of an opening quotation mark. */
    @Test
    void endlessQuotesAreRefusedEarly() throws IOException {
        Path file = file("a,b\n1,\"" + "x\n".repeat(600));
        assertThatThrownBy(() -> new Csv().longest(1000).read(file))
                .hasMessageContaining(
                        "line 2, column 3: the quotation mark that opens here is not closed within 1,000 bytes");
    }

    @Test
    void linesWithTheirEnds() {
        TextLines lines =
                new TextLines(new ByteArrayInputStream("a\r\nb\rc\n\nd".getBytes(StandardCharsets.UTF_8)), "t", 10);
        StringBuilder seen = new StringBuilder();
        for (String line = lines.next(); line != null; line = lines.next()) {
            seen.append(lines.number())
                    .append(line)
                    .append(lines.lineEnd().replace("\r", "R").replace("\n", "N"));
        }
        assertThat(seen).hasToString("1aRN2bR3cN4N5d");
        assertThat(lines.next()).isNull();
    }

    /** Rows, kinds and sums of UCI files, counted with awk. */
    @Test
    void realFiles() {
        Table wdbc = new Csv().header(false).read(RealData.path("uci/wdbc.data"));
        assertThat(wdbc.tensor().shape()).isEqualTo(Shape.of(569, 31));
        assertThat(wdbc.schema().fields().get(1)).isEqualTo(Field.category("column2", List.of("B", "M")));
        assertThat(wdbc.classes("column2").sum().item()).isEqualTo(212);
        Table diabetes = new Csv().read(RealData.path("uci/diabetes.tab.txt"));
        assertThat(diabetes.schema().names())
                .containsExactly("AGE", "SEX", "BMI", "BP", "S1", "S2", "S3", "S4", "S5", "S6", "Y");
        assertThat(diabetes.vector("Y").mean().item()).isBetween(152.13, 152.14);
        Table housing = new Csv().separator(' ').header(false).read(RealData.path("uci/housing.data"));
        assertThat(housing.tensor().shape()).isEqualTo(Shape.of(506, 14));
        Table ett = new Csv().read(RealData.path("ett/ETTh1.csv"));
        assertThat(ett.rows()).isEqualTo(17_420);
        assertThat(ett.schema().fields().getFirst().kind()).isEqualTo(Field.Kind.TEXT);
        Table births = new Csv()
                .fields(List.of(Field.date("Date"), Field.number("Births")))
                .read(RealData.path("timeseries/daily-total-female-births.csv"));
        Tensor days = births.tensor(DType.F64, "Date").diff(1, 0);
        assertThat(days.eq(86400).all().item()).isEqualTo(1);
    }
}
