package kawi.data.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.data.TextLines;
import org.jspecify.annotations.Nullable;

/**
 * How comma-separated values are read (RFC 4180: a value may stand in quotation marks, within which it may hold separators, line ends, and quotation marks
 * written twice). Strict: a line with another number of values than the first, a quotation mark in an unquoted value, or anything after a closing one is an error
 * with file, line and column. Empty lines count as missing values in a table of one column, and otherwise for nothing. There are at most
 * 100,000 columns.
 *
 * <pre>{@code
 * Table wine = new Csv().header(false).read(file);
 * Table test = new Csv().header(false).fields(wine.schema().fields()).read(other);
 * }</pre>
 *
 * @param separator between values; 0 to find out, a blank for any run of blanks and tabs
 * @param header whether the first line has the names; otherwise they are column1, column2, …
 * @param missing unquoted values, without blanks around them, that stand for a missing one
 * @param fields names and kinds; empty to infer kinds from the whole file in a pass of its own: numbers where every value is one, else
 *     categories, sorted, where there are at most 1000, else text
 * @param longest bytes of the longest row that is accepted
 */
public record Csv(char separator, boolean header, Set<String> missing, List<Field> fields, int longest) {
    private static final int MOST_CATEGORIES = 1000;
    private static final char[] USUAL = {',', ';', '\t', '|'};

    /** Separator found out, a header, empty values missing, kinds inferred, rows up to 16 MiB. */
    public Csv() {
        this('\0', true, Set.of(""), List.of(), TextLines.LONGEST);
    }

    /** Checks the settings, and keeps copies. */
    public Csv {
        missing = Set.copyOf(missing);
        fields = List.copyOf(fields);
        if (separator == '"' || separator == '\n' || separator == '\r' || longest < 1) {
            throw new KawiException(
                    "Csv: quotation marks and line ends cannot separate values, and rows have at least 1 byte");
        }
    }

    /** With another separator. */
    public Csv separator(char separator) {
        return new Csv(separator, header, missing, fields, longest);
    }

    /** With or without a line of names. */
    public Csv header(boolean header) {
        return new Csv(separator, header, missing, fields, longest);
    }

    /** With other texts for a missing value, such as {@code missing("", "?", "NA")}. */
    public Csv missing(String... missing) {
        return new Csv(separator, header, Set.of(missing), fields, longest);
    }

    /** With given names and kinds, so that nothing is inferred: for test files, those of the training file's schema. */
    public Csv fields(List<Field> fields) {
        return new Csv(separator, header, missing, fields, longest);
    }

    /** With another limit. */
    public Csv longest(int bytes) {
        return new Csv(separator, header, missing, fields, bytes);
    }

    /** All rows. */
    public Table read(Path file) {
        return read(() -> TextLines.open(file, longest));
    }

    Table read(Supplier<TextLines> source) {
        try (Rows rows = rows(source)) {
            return rows.toTable();
        }
    }

    /** The rows one by one. Where kinds are to be inferred, the file is passed over once before. */
    public Rows rows(Path file) {
        return rows(() -> TextLines.open(file, longest));
    }

    private Rows rows(Supplier<TextLines> source) {
        return open(source, fields.isEmpty() ? infer(source).fields() : fields);
    }

    private CsvRows open(Supplier<TextLines> source, List<Field> known) {
        char found = separator != 0 ? separator : detect(source);
        TextLines lines = source.get();
        try {
            return new CsvRows(this, lines, found, known);
        } catch (RuntimeException e) {
            lines.close();
            throw e;
        }
    }

    /** Names and kinds of the columns of a file, in one pass with a memory of at most 1000 categories a column. */
    public Schema infer(Path file) {
        return infer(() -> TextLines.open(file, longest));
    }

    private Schema infer(Supplier<TextLines> source) {
        try (CsvRows rows = open(source, List.of())) {
            List<String> names = rows.schema().names();
            boolean[] numbers = new boolean[names.size()];
            Arrays.fill(numbers, true);
            List<@Nullable Set<String>> categories = new ArrayList<>();
            names.forEach(n -> categories.add(new HashSet<>()));
            boolean[] any = new boolean[names.size()];
            while (rows.hasNext()) {
                Row row = rows.next();
                for (int c = 0; c < row.size(); c++) {
                    String text = row.text(c);
                    Set<String> known = categories.get(c);
                    if (text == null) {
                        continue;
                    }
                    any[c] = true;
                    numbers[c] &= Row.isNumber(text);
                    if (known != null && known.add(text) && known.size() > MOST_CATEGORIES) {
                        categories.set(c, null);
                    }
                }
            }
            return new Schema(IntStream.range(0, names.size())
                    .mapToObj(c -> kind(names.get(c), numbers[c] || !any[c], categories.get(c)))
                    .toList());
        }
    }

    private static Field kind(String name, boolean number, @Nullable Set<String> categories) {
        return number
                ? Field.number(name)
                : categories == null
                        ? Field.text(name)
                        : Field.category(name, categories.stream().sorted().toList());
    }

    /** The usual separator that the first rows have most often, and equally often; without any, a comma. */
    private char detect(Supplier<TextLines> source) {
        try (TextLines lines = source.get()) {
            int[] least = new int[USUAL.length];
            int[] most = new int[USUAL.length];
            Arrays.fill(least, Integer.MAX_VALUE);
            boolean quoted = false;
            int[] counts = new int[USUAL.length];
            for (int n = 0; n < 20; ) {
                String line = lines.next();
                if (line == null) {
                    break;
                }
                boolean blank = !quoted && line.isBlank();
                quoted = count(line, quoted, counts);
                if (blank || quoted) {
                    continue; // a value goes on in the next line
                }
                n++;
                for (int k = 0; k < USUAL.length; k++) {
                    least[k] = Math.min(least[k], counts[k]);
                    most[k] = Math.max(most[k], counts[k]);
                }
                Arrays.fill(counts, 0);
            }
            int best = 0;
            for (int k = 1; k < USUAL.length; k++) {
                boolean even = least[k] == most[k] && least[k] > 0;
                boolean bestEven = least[best] == most[best] && least[best] > 0;
                if (even != bestEven ? even : least[k] > least[best] && least[k] < Integer.MAX_VALUE) {
                    best = k;
                }
            }
            return USUAL[best];
        }
    }

    /** Counts separators outside of quotation marks; whether some are open at the end of the line. */
    private static boolean count(String line, boolean open, int[] counts) {
        boolean quoted = open;
        for (int i = 0; i < line.length(); i++) {
            quoted ^= line.charAt(i) == '"';
            for (int k = 0; k < USUAL.length; k++) {
                counts[k] += !quoted && line.charAt(i) == USUAL[k] ? 1 : 0;
            }
        }
        return quoted;
    }

    DataException empty(String file) {
        return new DataException(
                "%s is empty: %s was expected".formatted(file, header ? "a line of names" : "a row of values"));
    }
}
