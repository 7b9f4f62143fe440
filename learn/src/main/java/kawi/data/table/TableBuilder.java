package kawi.data.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects rows into columns. */
final class TableBuilder {
    private final String name;
    private final Schema schema;
    private final double[][] numbers;
    private final List<List<@Nullable String>> texts = new ArrayList<>();
    private long[] lines = new long[64];
    private int rows;

    TableBuilder(String name, Schema schema) {
        this.name = name;
        this.schema = schema;
        this.numbers = new double[schema.fields().size()][64];
        schema.fields().forEach(f -> texts.add(new ArrayList<>()));
    }

    void add(Row row) {
        if (rows == lines.length) {
            int more = Math.toIntExact(Math.min(2L * rows, Integer.MAX_VALUE - 8));
            lines = Arrays.copyOf(lines, more);
            for (int c = 0; c < numbers.length; c++) {
                numbers[c] = Arrays.copyOf(numbers[c], more);
            }
        }
        for (int c = 0; c < numbers.length; c++) {
            if (schema.fields().get(c).kind() == Field.Kind.TEXT) {
                texts.get(c).add(row.text(c));
            } else {
                numbers[c][rows] = row.number(c);
            }
        }
        lines[rows++] = row.line();
    }

    Table table() {
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < numbers.length; c++) {
            Field field = schema.fields().get(c);
            columns.add(
                    field.kind() == Field.Kind.TEXT
                            ? new Column(field, new double[0], texts.get(c))
                            : new Column(field, Arrays.copyOf(numbers[c], rows), List.of()));
        }
        return new Table(name, Arrays.copyOf(lines, rows), columns);
    }
}
