package kawi.data.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that were damaged at random, from a fixed seed: some thousands in every build, more with {@code -Dfuzz.executions=…}. Small files from small pieces
 * reach more than noise would.
 */
class ReadersFuzzTest {
    private static final int EXECUTIONS = Integer.getInteger("fuzz.executions", 4000);

    static Stream<Arguments> readers() {
        return Stream.of(
                Arguments.of(
                        "CSV",
                        (Predicate<byte[]>) ReadersFuzz.CsvFile::read,
                        List.of(
                                "0a,b,c\n1,2.5,x\n-3e2,\"q\"\"u,\no\",y\n,4,?\n",
                                "1a;b\r\n1;2\r\n\"3\";NA\r\n",
                                "2 1  2 3\n4 5\t6\n",
                                "\n\"x\"\n\n\uFEFF7\n"),
                        List.of(
                                "\"",
                                "\"\"",
                                ",",
                                ";",
                                "\t",
                                " ",
                                "\n",
                                "\r",
                                "\r\n",
                                "NaN",
                                "1e400",
                                "?",
                                "é",
                                "\u0000",
                                "9".repeat(500))),
                Arguments.of(
                        "ARFF",
                        (Predicate<byte[]>) ReadersFuzz.ArffFile::read,
                        List.of(
                                "% c\n@relation 'r s'\n@attribute a numeric\n@attribute \"b c\" {x,'y z'}\n@attribute s string\n@attribute d date 'yyyy-MM-dd'\n@data\n1,x,'t',2001-02-03\n?,?,?,?\n{0 1, 1 'y z', 2 \"\\n\", 3 1999-01-01}\n",
                                "@RELATION r\n@ATTRIBUTE a REAL\n@ATTRIBUTE b {0,1}\n@DATA\n{}\n{1 1}\n5 0\n"),
                        List.of(
                                "@",
                                "@data",
                                "@attribute",
                                "{",
                                "}",
                                ",",
                                "'",
                                "\"",
                                "\\",
                                "%",
                                "?",
                                " ",
                                "\n",
                                "0",
                                "99999999999",
                                "date",
                                "yyyy",
                                "[",
                                "1e400",
                                "é")),
                Arguments.of(
                        "LIBSVM",
                        (Predicate<byte[]>) ReadersFuzz.LibSvmFile::read,
                        List.of("+1 1:0.5 3:-2e-1\n-1 2:7 # x\n\n0\n", "3 2147483647:1\r\n1 1:1 2:2 4:4\r\n"),
                        List.of(
                                ":",
                                " ",
                                "\t",
                                "\n",
                                "#",
                                "-",
                                "+",
                                ".",
                                "e",
                                "1",
                                "0",
                                "99999999999",
                                "NaN",
                                "١",
                                "1e39",
                                "é")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("readers")
    void aTableOrADataException(String format, Predicate<byte[]> reader, List<String> seeds, List<String> pieces) {
        Random random = new Random(20261121);
        int tables = 0;
        for (int i = 0; i < EXECUTIONS; i++) {
            byte[] input = seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8);
            for (int changes = random.nextInt(5); changes > 0; changes--) {
                input = changed(input, pieces, random);
            }
            try {
                tables += reader.test(input) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("input " + i + ": " + HexFormat.of().formatHex(input), e);
            }
        }
        // both ways are taken often
        assertThat(tables).isBetween(EXECUTIONS / 10, EXECUTIONS * 9 / 10);
    }

    private static byte[] changed(byte[] input, List<String> pieces, Random random) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(6));
        byte[] middle = switch (random.nextInt(4)) {
            case 0 -> new byte[0]; // cut
            case 1 -> pieces.get(random.nextInt(pieces.size())).getBytes(StandardCharsets.UTF_8);
            case 2 -> new byte[] {(byte) random.nextInt(256)};
            default -> Arrays.copyOfRange(input, random.nextInt(from + 1), from); // repeat
        };
        int end = random.nextBoolean() ? to : from; // in place of what was there, or before it
        byte[] result = new byte[from + middle.length + input.length - end];
        System.arraycopy(input, 0, result, 0, from);
        System.arraycopy(middle, 0, result, from, middle.length);
        System.arraycopy(input, end, result, from + middle.length, input.length - end);
        return result;
    }
}
