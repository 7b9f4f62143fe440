package kawi.data.table;

import java.util.Arrays;
import kawi.data.DataException;
import kawi.tensor.Tensor;

/**
 * The rows that a model may learn from. Only {@link Table#split} makes one, and a {@link Transformation} can be fitted to nothing else: means, categories and
 * replacements cannot come from the rows that the model is tested on.
 *
 * <pre>{@code
 * Table.Parts parts = table.split(split.train(), split.test());
 * Transformation scale = Standardize.fit(parts.training(), "age", "income");
 * Training train = scale.apply(parts.training());
 * Table test = scale.apply(parts.test());
 * }</pre>
 */
public final class Training {
    private final Table table;

    Training(Table table) {
        this.table = table;
    }

    /** The rows. */
    public Table table() {
        return table;
    }

    /**
     * The classes to be learnt, as {@link Table#classes}.
     *
     * @throws DataException where fewer than two occur
     */
    public Tensor classes(String column) {
        int[] codes = table.codes(column);
        if (Arrays.stream(codes).distinct().count() < 2) {
            throw new DataException(
                    "%s: column \"%s\" has %s in all %d training rows, so there is nothing to tell apart; is it the right column, and the split stratified?"
                            .formatted(
                                    table.name(), column, codes.length == 0 ? "nothing" : "one class", codes.length));
        }
        return table.classes(column);
    }
}
