package kawi.data.table;

import java.util.Arrays;
import java.util.List;
import kawi.base.KawiException;
import kawi.data.DataException;

/** (x − centre)/scale for some columns: what {@link Standardize} and {@link MinMax} share. */
final class Scaling {
    private Scaling() {}

    /** The columns to be scaled, which must be of numbers, without missing values, and with at least two different ones. */
    static List<Column> columns(String what, Training training, String... names) {
        Table table = training.table();
        if (table.rows() == 0) {
            throw new DataException(
                    "%s: %s cannot be fitted to a training part without rows".formatted(table.name(), what));
        }
        List<Column> chosen = table.chosen(names);
        for (Column c : chosen) {
            if (c.field().kind() != Field.Kind.NUMBER) {
                throw new KawiException("%s: %s scales numbers, but column \"%s\" is of kind %s"
                        .formatted(
                                table.name(), what, c.field().name(), c.field().kind()));
            }
            for (int r = 0; r < table.rows(); r++) {
                if (c.missing(r)) {
                    throw table.missing(c.field().name(), r);
                }
            }
            double reach = Arrays.stream(c.numbers()).map(Math::abs).max().orElseThrow();
            if (reach > Double.MAX_VALUE / 4 / table.rows()) {
                throw new DataException(
                        "%s, column \"%s\": values up to %s are too large to be subtracted and added; change their unit"
                                .formatted(table.name(), c.field().name(), reach));
            }
            double first = c.numbers()[0];
            if (Arrays.stream(c.numbers()).allMatch(v -> v == first)) {
                throw new DataException(
                        "%s, line %d, column \"%s\": the value is %s in all %d training rows, so it has no scale; leave the column out with without(\"%s\")"
                                .formatted(
                                        table.name(),
                                        table.line(0),
                                        c.field().name(),
                                        first,
                                        table.rows(),
                                        c.field().name()));
            }
        }
        return chosen;
    }

    static Table apply(Table table, List<String> names, double[] centres, double[] scales) {
        List<Column> scaled = new java.util.ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            Column c = table.column(names.get(k));
            double centre = centres[k];
            double scale = scales[k];
            if (c.field().kind() != Field.Kind.NUMBER) {
                throw new KawiException("%s: column \"%s\" was of numbers in training, but is of kind %s here"
                        .formatted(table.name(), names.get(k), c.field().kind()));
            }
            double[] values = new double[table.rows()];
            for (int r = 0; r < values.length; r++) {
                if (c.missing(r)) {
                    throw table.missing(names.get(k), r);
                }
                values[r] = (c.numbers()[r] - centre) / scale;
            }
            scaled.add(new Column(c.field(), values, List.of()));
        }
        return table.replaced(names, scaled);
    }
}
