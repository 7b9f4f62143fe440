package kawi.data.table;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import kawi.data.TextLines;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a file, one at a time, so that the file may be larger than memory. To be closed.
 *
 * <pre>{@code
 * try (Rows rows = new Csv().rows(file)) {
 *     rows.forEachRemaining(row -> sum += row.number(2));
 * }
 * }</pre>
 */
public abstract class Rows implements Iterator<Row>, AutoCloseable {
    final TextLines lines;
    private final Map<Integer, Map<String, Integer>> codes = new HashMap<>();
    private @Nullable Row next;
    private boolean looked;

    Rows(TextLines lines) {
        this.lines = lines;
    }

    /** The columns. */
    public abstract Schema schema();

    /** The next row, or null after the last. */
    abstract @Nullable Row read();

    /** The seconds since 1970 of a date. */
    abstract double seconds(String text, int place, Row row);

    /** The name of the file. */
    public String name() {
        return lines.name();
    }

    Map<String, Integer> codes(int place) {
        return codes.computeIfAbsent(place, p -> Row.codes(schema().fields().get(p)));
    }

    @Override
    public boolean hasNext() {
        if (!looked) {
            next = read();
            looked = true;
        }
        return next != null;
    }

    @Override
    public Row next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException(name() + " has no further row");
        }
        looked = false;
        return next;
    }

    /** What remains, as a table. */
    public Table toTable() {
        TableBuilder table = new TableBuilder(name(), schema());
        forEachRemaining(table::add);
        return table.table();
    }

    @Override
    public void close() {
        lines.close();
    }
}
