package kawi.data.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.base.KawiException;
import kawi.data.DataException;

/**
 * A value in place of those that are missing, the same in all rows.
 *
 * @param columns names and kinds, as they were in training
 * @param values one for each column: a number, or the code of a category
 */
public record Impute(List<Field> columns, double[] values) implements Transformation {
    /** What missing values become. */
    public enum By {
        /** The mean of a column of numbers. */
        MEAN,
        /** The median of a column of numbers. */
        MEDIAN,
        /** The most frequent number or category; of equally frequent ones the smallest, or the first. */
        MOST_FREQUENT
    }

    /** Keeps copies. */
    public Impute {
        columns = List.copyOf(columns);
        values = values.clone();
    }

    /**
     * Learns from training rows.
     *
     * @param names columns of numbers, or with {@link By#MOST_FREQUENT} of categories; none for all columns of numbers
     * @throws DataException where all values of a column are missing
     */
    public static Impute fit(Training training, By by, String... names) {
        Table table = training.table();
        List<Column> chosen = table.chosen(names);
        double[] values = new double[chosen.size()];
        for (int k = 0; k < values.length; k++) {
            Column c = chosen.get(k);
            Field.Kind kind = c.field().kind();
            if (kind != Field.Kind.NUMBER && !(kind == Field.Kind.CATEGORY && by == By.MOST_FREQUENT)) {
                throw new KawiException("%s: column \"%s\" is of kind %s, which has no %s"
                        .formatted(table.name(), c.field().name(), kind, by));
            }
            double[] known = Arrays.stream(c.numbers())
                    .filter(v -> !Double.isNaN(v))
                    .sorted()
                    .toArray();
            if (known.length == 0) {
                throw new DataException(
                        "%s, column \"%s\": the value is missing in all %d training rows, so there is nothing to impute; leave the column out with without(\"%s\")"
                                .formatted(
                                        table.name(),
                                        c.field().name(),
                                        table.rows(),
                                        c.field().name()));
            }
            values[k] = switch (by) {
                case MEAN -> Arrays.stream(known).average().orElseThrow();
                case MEDIAN -> 0.5 * (known[(known.length - 1) / 2] + known[known.length / 2]);
                case MOST_FREQUENT -> mostFrequent(known);
            };
        }
        return new Impute(chosen.stream().map(Column::field).toList(), values);
    }

    private static double mostFrequent(double[] sorted) {
        Map<Double, Integer> counts = new HashMap<>();
        double best = sorted[0];
        for (double v : sorted) {
            counts.merge(v, 1, Integer::sum);
        }
        for (double v : sorted) {
            best = counts.getOrDefault(v, 0) > counts.getOrDefault(best, 0) ? v : best;
        }
        return best;
    }

    @Override
    public Table apply(Table table) {
        List<Column> filled = new ArrayList<>();
        for (int k = 0; k < columns.size(); k++) {
            Field field = columns.get(k);
            Column c = table.column(field.name());
            if (!c.field().equals(field)) { // a code would stand for another category
                throw new KawiException(
                        "%s: column \"%s\" has another kind or other categories than in training; read the file with the fields of the training file's schema"
                                .formatted(table.name(), field.name()));
            }
            double value = values[k];
            filled.add(new Column(
                    c.field(),
                    Arrays.stream(c.numbers())
                            .map(v -> Double.isNaN(v) ? value : v)
                            .toArray(),
                    c.texts()));
        }
        return table.replaced(columns.stream().map(Field::name).toList(), filled);
    }
}
