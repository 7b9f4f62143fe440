package kawi.data.table;

import java.io.ByteArrayInputStream;
import kawi.base.DType;
import kawi.data.DataException;
import kawi.data.TextLines;
import kawi.sparse.LibSvm;

/**
 * Any bytes as a file of each format: the reader gives a table or throws {@link DataException}, and nothing else. {@link ReadersFuzzTest} runs some in every
 * build; the nested classes are entry points of Jazzer (see CONTRIBUTING.md).
 */
final class ReadersFuzz {
    private static final int LONGEST = 1 << 16;

    private ReadersFuzz() {}

    private static TextLines lines(byte[] input) {
        return new TextLines(new ByteArrayInputStream(input), "fuzz", LONGEST);
    }

    private static boolean use(Table table) {
        table.tensorWithNan(DType.F64).size();
        return table.mask().size()
                == (long) table.rows() * table.schema().fields().size();
    }

    /** CSV; the first byte chooses the settings. */
    static final class CsvFile {
        /** Whether it was a table. */
        static boolean read(byte[] input) {
            int settings = input.length == 0 ? 0 : input[0];
            Csv csv = new Csv()
                    .header((settings & 1) == 0)
                    .separator((settings & 6) == 2 ? ' ' : (settings & 6) == 4 ? ',' : '\0')
                    .missing((settings & 8) == 0 ? new String[] {""} : new String[] {"", "?", "NA"})
                    .longest(LONGEST);
            try {
                return use(csv.read(() -> lines(input)));
            } catch (DataException expected) {
                return false;
            }
        }

        public static void fuzzerTestOneInput(byte[] input) {
            read(input);
        }
    }

    /** ARFF. */
    static final class ArffFile {
        static boolean read(byte[] input) {
            try (Rows rows = Arff.rows(lines(input))) {
                return use(rows.toTable());
            } catch (DataException expected) {
                return false;
            }
        }

        public static void fuzzerTestOneInput(byte[] input) {
            read(input);
        }
    }

    /** LIBSVM. */
    static final class LibSvmFile {
        static boolean read(byte[] input) {
            try (TextLines lines = lines(input)) {
                LibSvm.Data data = LibSvm.read(lines, 0);
                return data.x().rows() == data.y().size();
            } catch (DataException expected) {
                return false;
            }
        }

        public static void fuzzerTestOneInput(byte[] input) {
            read(input);
        }
    }
}
