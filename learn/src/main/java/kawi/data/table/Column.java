package kawi.data.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column.
 *
 * @param numbers of any kind but text: NaN where missing
 * @param texts of a text column: null where missing
 */
record Column(Field field, double[] numbers, List<@Nullable String> texts) {
    boolean missing(int row) {
        return field.kind() == Field.Kind.TEXT ? texts.get(row) == null : Double.isNaN(numbers[row]);
    }

    Column take(int[] rows) {
        if (field.kind() == Field.Kind.TEXT) {
            List<@Nullable String> taken = new ArrayList<>();
            for (int r : rows) {
                taken.add(texts.get(r));
            }
            return new Column(field, numbers, taken);
        }
        return new Column(
                field, Arrays.stream(rows).mapToDouble(r -> numbers[r]).toArray(), texts);
    }
}
