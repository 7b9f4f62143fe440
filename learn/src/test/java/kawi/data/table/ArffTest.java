package kawi.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.data.DataException;
import kawi.data.RealData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading ARFF: what is of the format, and a line and column for what is not. */
class ArffTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("t.arff"), text);
    }

    private static final String HEADER = """
            % a comment
            @RELATION 'some people'

            @attribute 'first name' string
            @attribute age NUMERIC % years
            @attribute "eye colour" {brown, 'light blue', "a'b", 'c\\'d'}
            @attribute born date "yyyy-MM-dd HH:mm"
            @data
            """;

    @Test
    void rows() throws IOException {
        Table t = new Arff()
                .read(
                        file(
                                HEADER
                                        + "'Ann, B.', 41, 'light blue', '1970-01-01 00:02'\n\n% nothing\n?,?,?,?\n'?' -1.5e2\tbrown \"1970-01-02 00:00\"\nx,0,'c\\'d',?"));
        assertThat(t.schema().fields())
                .containsExactly(
                        Field.text("first name"),
                        Field.number("age"),
                        Field.category("eye colour", List.of("brown", "light blue", "a'b", "c'd")),
                        Field.date("born"));
        assertThat(t.texts("first name")).containsExactly("Ann, B.", null, "?", "x");
        assertThat(t.tensorWithNan(DType.F64, "age", "born").toDoubleArray())
                .containsExactly(41, 120, Double.NaN, Double.NaN, -150, 86400, 0, Double.NaN);
        assertThat(t.texts("eye colour")).containsExactly("light blue", null, "brown", "c'd");
        assertThat(t.line(1)).isEqualTo(12);
    }

    @Test
    void sparseRows() throws IOException {
        Table t = new Arff().read(file("""
                @relation r
                @attribute a numeric
                @attribute b {x, y}
                @attribute c real
                @data
                {0 1.5, 2 -2}
                {}
                { 1 y }
                {2 ?,1 x}
                """));
        assertThat(t.tensorWithNan(DType.F64, "a", "c").toDoubleArray())
                .containsExactly(1.5, -2, 0, 0, 0, 0, 0, Double.NaN);
        assertThat(t.classes("b").toIntArray()).containsExactly(0, 0, 1, 0);
    }

    static Stream<Arguments> wrong() {
        String h = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute s string\n@data\n";
        return Stream.of(
                Arguments.of(h + "1,x\n", "line 6, column 4: the row has 2 values, but there are 3 attributes"),
                Arguments.of(h + "1,x,s,4\n", "line 6, column 7: the row has more values"),
                Arguments.of(
                        h + "1,z,s\n", "line 6, column 3: \"z\" is not one of the known categories of \"b\", [x, y]"),
                Arguments.of(
                        h + "one,x,s\n",
                        "line 6, column 1: a decimal number is expected in \"a\", but there is \"one\""),
                Arguments.of(h + "1,,s\n", "line 6, column 3: a value is expected, but there is \",\""),
                Arguments.of(h + "1,'x,s\n", "line 6, column 3: the quotation mark that opens here is not closed"),
                Arguments.of(h + "{0 1, 0 2}\n", "line 6, column 7: attribute 0 is listed twice"),
                Arguments.of(
                        h + "{3 1}\n",
                        "line 6, column 2: the number of an attribute, from 0 to 2, and a blank are expected"),
                Arguments.of(h + "{0 1\n", "line 6, column 5: } is expected"),
                Arguments.of(h + "{0 1}\n", "line 6, column 1: the sparse row does not list \"s\""),
                Arguments.of(h + "{0 1, 2 s} 7\n", "line 6, column 12: the line should end here"),
                Arguments.of("@attribute a numeric\n", "line 1, column 1: the file ends before its @data line"),
                Arguments.of("\n% nothing\n", "line 2, column 1: the file ends before its @data line"),
                Arguments.of(
                        "a,b\n1,2\n",
                        "line 1, column 1: @relation, @attribute or @data is expected, but there is \"a,b\""),
                Arguments.of("@attribute a relational\n", "line 1, column 14: numeric, real, integer, string, date"),
                Arguments.of("@attribute a {x,x}\n", "line 1, column 17: the category \"x\" is there twice"),
                Arguments.of("@attribute a {x,y\n", "line 1, column 18: } is expected after the categories"),
                Arguments.of(
                        "@attribute a real\n@attribute a real\n", "line 2, column 11: there are two attributes \"a\""),
                Arguments.of("@attribute a date 'bbb{'\n", "line 1, column 19: \"bbb{\" is no pattern of a date"),
                Arguments.of(
                        "@attribute d date\n@data\n1970\n",
                        "line 3, column 1: a date is expected, but there is \"1970\""),
                Arguments.of("@data\n", "line 1, column 1: there is no @attribute line before @data"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void messagesHaveLineAndColumn(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> new Arff().read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("t.arff, " + message);
    }

    @Test
    void anEmptyFile() throws IOException {
        Path empty = file("");
        assertThatThrownBy(() -> new Arff().read(empty))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("t.arff is empty");
    }

    @Test
    void realFiles() {
        Table houses = new Arff().read(RealData.path("uci/cal_housing.arff"));
        assertThat(houses.tensor().shape()).isEqualTo(Shape.of(20_640, 9));
        Table arm = new Arff().read(RealData.path("uci/kin8nm.arff.gz"));
        assertThat(arm.tensor().shape()).isEqualTo(Shape.of(8192, 9));
        assertThat(arm.schema().names()).startsWith("theta1").endsWith("y");
    }
}
