package kawi.data.table;

import java.nio.file.Path;
import kawi.data.TextLines;

/**
 * Files in the attribute-relation format of WEKA: a header that declares each column's kind ({@code numeric}, {@code real}, {@code integer}, a list of
 * categories, {@code string}, {@code date} with a pattern), then rows of values between commas, or of {@code {index value, …}} where most are 0 (Witten,
 * Frank, Hall and Pal, <em>Data mining</em>, section 2.4). A question mark is a missing value, what follows a percent sign at the start of a line does
 * not count, names and values may stand in single or double quotation marks.
 *
 * @param longest bytes of the longest line that is accepted
 */
public record Arff(int longest) {
    /** Lines up to 16 MiB. */
    public Arff() {
        this(TextLines.LONGEST);
    }

    /** All rows of a file, gzipped or not. */
    public Table read(Path file) {
        try (Rows rows = rows(file)) {
            return rows.toTable();
        }
    }

    /** The rows one by one. */
    public Rows rows(Path file) {
        return rows(TextLines.open(file, longest));
    }

    static Rows rows(TextLines lines) {
        try {
            return new ArffRows(lines);
        } catch (RuntimeException e) {
            lines.close();
            throw e;
        }
    }
}
