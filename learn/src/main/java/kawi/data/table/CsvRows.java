package kawi.data.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kawi.data.DataException;
import kawi.data.TextLines;
import org.jspecify.annotations.Nullable;

/** The rows of a CSV file. */
final class CsvRows extends Rows {
    /** Each column costs memory of its own, for its name and its categories: 16 MiB of separators would take gigabytes. */
    private static final int MOST_COLUMNS = 100_000;

    private final Csv csv;
    private final char separator;
    private final Schema schema;
    /** The first row of a file without a header, read to know how many values a row has. */
    private @Nullable Row first;

    // The record under way
    private String text = "";
    private int at;
    private long size;
    private final List<@Nullable String> values = new ArrayList<>();
    private long[] places = new long[16];
    private int[] columns = new int[16];

    CsvRows(Csv csv, TextLines lines, char separator, List<Field> known) {
        super(lines);
        this.csv = csv;
        this.separator = separator;
        Row head = record(true);
        if (head == null) {
            throw csv.empty(lines.name());
        }
        if (!csv.header()) {
            first = head;
        }
        if (!known.isEmpty() && known.size() != head.size()) {
            throw lines.wrong(
                    0,
                    "%d columns are expected, %s, but there are %d"
                            .formatted(known.size(), shortened(known), head.size()));
        }
        schema = known.isEmpty() ? named(head) : checked(known, head);
    }

    private static String shortened(List<Field> fields) {
        List<String> names = fields.stream().map(Field::name).toList();
        return names.size() <= 8 ? names.toString() : names.subList(0, 8) + " and others";
    }

    /** All columns as text, for inference. */
    private Schema named(Row head) {
        List<Field> fields = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int c = 0; c < head.size(); c++) {
            String name = csv.header() ? String.valueOf(head.text(c)).strip() : "";
            name = name.isEmpty() ? "column" + (c + 1) : name;
            if (!names.add(name)) {
                throw head.wrong(
                        c, "there are two columns %s; name one of them otherwise".formatted(TextLines.quoted(name)));
            }
            fields.add(Field.text(name));
        }
        return new Schema(fields);
    }

    /** A header must have the names that are expected. */
    private Schema checked(List<Field> known, Row head) {
        for (int c = 0; csv.header() && c < known.size(); c++) {
            String name = String.valueOf(head.text(c)).strip();
            if (!name.equals(known.get(c).name()) && !name.isEmpty()) {
                throw head.wrong(
                        c,
                        "column \"%s\" is expected here, but there is %s"
                                .formatted(known.get(c).name(), TextLines.quoted(name)));
            }
        }
        return new Schema(known);
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    double seconds(String text, int place, Row row) {
        return Dates.seconds(text, Dates.ISO, row, place);
    }

    @Override
    @Nullable
    Row read() {
        Row row = first;
        first = null;
        row = row == null ? record(false) : row;
        if (row != null && row.size() != schema.fields().size()) {
            throw row.wrong(
                    Math.min(row.size() - 1, schema.fields().size()), // the last value, or the first too many
                    "the row has %d values, but there are %d columns; a separator within a value needs quotation marks around it"
                            .formatted(row.size(), schema.fields().size()));
        }
        return row;
    }

    /** The next record, or null after the last. */
    private @Nullable Row record(boolean head) {
        do {
            String line = lines.next();
            if (line == null) {
                return null;
            }
            text = line;
        } while (skipped(head));
        at = 0;
        size = text.length();
        values.clear();
        if (separator == ' ') {
            skipBlanks();
        }
        boolean more = true;
        while (more) {
            more = value(head && csv.header());
        }
        int n = values.size();
        return new Row(this, new ArrayList<>(values), Arrays.copyOf(places, n), Arrays.copyOf(columns, n));
    }

    private boolean skipped(boolean head) {
        return separator == ' '
                ? text.isBlank()
                : text.isEmpty() && (head || schema.fields().size() > 1);
    }

    /** Reads a value and the separator after it; false where the record ends. */
    private boolean value(boolean name) {
        int n = values.size();
        if (n == MOST_COLUMNS) {
            throw lines.wrong(
                    at,
                    "the row has more than %,d values, the most columns of a table; is it a line for each example, and the separator %s?"
                            .formatted(MOST_COLUMNS, TextLines.quoted(String.valueOf(separator))));
        }
        if (n == places.length) {
            places = Arrays.copyOf(places, 2 * n);
            columns = Arrays.copyOf(columns, 2 * n);
        }
        places[n] = lines.number();
        columns[n] = at;
        if (at < text.length() && text.charAt(at) == '"') {
            values.add(quoted());
        } else {
            int from = at;
            while (at < text.length() && !separates(text.charAt(at))) {
                if (text.charAt(at) == '"') {
                    throw lines.wrong(
                            at,
                            "a quotation mark stands within an unquoted value; put the value in quotation marks, and double those in it");
                }
                at++;
            }
            String value = text.substring(from, at);
            values.add(!name && csv.missing().contains(value.strip()) ? null : value);
        }
        if (at == text.length()) {
            return false;
        }
        if (!separates(text.charAt(at))) {
            throw lines.wrong(
                    at,
                    "a separator is expected after the closing quotation mark, but there is %s; quotation marks in a value are doubled"
                            .formatted(TextLines.quoted(text.substring(at, at + 1))));
        }
        at++;
        if (separator == ' ') {
            skipBlanks();
            return at < text.length();
        }
        return true;
    }

    private boolean separates(char c) {
        return separator == ' ' ? c == ' ' || c == '\t' : c == separator;
    }

    private void skipBlanks() {
        while (at < text.length() && separates(text.charAt(at))) {
            at++;
        }
    }

    /** A value from its opening quotation mark to after its closing one, over several lines if need be. */
    private String quoted() {
        StringBuilder value = new StringBuilder();
        long line = lines.number();
        int column = at++;
        while (true) {
            int from = at;
            while (at < text.length() && text.charAt(at) != '"') {
                at++;
            }
            value.append(text, from, at);
            if (at == text.length()) {
                String end = lines.lineEnd();
                String next = lines.next();
                if (next == null || (size += next.length() + end.length()) > csv.longest()) {
                    throw new DataException(
                            "%s, line %d, column %d: the quotation mark that opens here is not closed %s"
                                    .formatted(
                                            lines.name(),
                                            line,
                                            column + 1,
                                            next == null
                                                    ? "before the end of the file"
                                                    : "within %,d bytes".formatted(csv.longest())));
                }
                value.append(end);
                text = next;
                at = 0;
            } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
                value.append('"');
                at += 2;
            } else {
                at++;
                return value.toString();
            }
        }
    }
}
