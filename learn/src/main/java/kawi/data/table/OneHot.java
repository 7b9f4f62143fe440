package kawi.data.table;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.data.TextLines;

/**
 * A category as a column of zeros and ones for each of the values that occur in the training rows, called {@code column=value}.
 *
 * @param columns names
 * @param categories for each column the values of its new columns, in the order of the codes
 * @param unknown what becomes of a value that did not occur in training
 */
public record OneHot(List<String> columns, List<List<String>> categories, Unknown unknown) implements Transformation {
    /** What becomes of a value that did not occur in training. */
    public enum Unknown {
        /** An error that names file, line and column. */
        ERROR,
        /** Zeros in all new columns. */
        ZEROS
    }

    /** Keeps copies. */
    public OneHot {
        columns = List.copyOf(columns);
        categories = List.copyOf(categories);
    }

    /**
     * Learns from training rows.
     *
     * @param names columns of categories; none for all of them
     */
    public static OneHot fit(Training training, Unknown unknown, String... names) {
        Table table = training.table();
        List<String> columns = names.length > 0
                ? List.of(names)
                : table.schema().fields().stream()
                        .filter(f -> f.kind() == Field.Kind.CATEGORY)
                        .map(Field::name)
                        .toList();
        List<List<String>> categories = new ArrayList<>();
        for (String name : columns) {
            Field field = category(table, name);
            boolean[] occurs = new boolean[field.categories().size()];
            for (int code : table.codes(name)) {
                occurs[code] = true;
            }
            categories.add(IntStream.range(0, occurs.length)
                    .filter(c -> occurs[c])
                    .mapToObj(field.categories()::get)
                    .toList());
        }
        return new OneHot(columns, categories, unknown);
    }

    private static Field category(Table table, String name) {
        Field field = table.column(name).field();
        if (field.kind() != Field.Kind.CATEGORY) {
            throw new KawiException(
                    "%s: OneHot encodes categories, but column \"%s\" is of kind %s; give its Field.category when reading"
                            .formatted(table.name(), name, field.kind()));
        }
        return field;
    }

    @Override
    public Table apply(Table table) {
        Table result = table;
        for (int k = 0; k < columns.size(); k++) {
            String name = columns.get(k);
            Field field = category(table, name);
            List<String> known = categories.get(k);
            double[][] ones = new double[known.size()][table.rows()];
            int[] codes = table.codes(name);
            for (int r = 0; r < codes.length; r++) {
                String value = field.categories().get(codes[r]);
                int at = known.indexOf(value);
                if (at >= 0) {
                    ones[at][r] = 1;
                } else if (unknown == Unknown.ERROR) {
                    throw table.at(
                            name,
                            r,
                            "%s did not occur in training, where there were %s; with Unknown.ZEROS it becomes zeros"
                                    .formatted(TextLines.quoted(value), known));
                }
            }
            List<Column> made = new ArrayList<>();
            for (int c = 0; c < ones.length; c++) {
                made.add(new Column(Field.number(name + "=" + known.get(c)), ones[c], List.of()));
            }
            result = result.without(name).replaced(List.of(), made);
        }
        return result;
    }
}
