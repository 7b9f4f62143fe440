package kawi.data.table;

import java.util.Arrays;
import java.util.List;

/**
 * (x − low)/(high − low), with the smallest and largest value of the training rows: 0 to 1 there, and possibly beyond in other rows.
 *
 * @param columns names
 * @param lows one for each column
 * @param highs one for each column, above its low
 */
public record MinMax(List<String> columns, double[] lows, double[] highs) implements Transformation {
    /** Keeps copies. */
    public MinMax {
        columns = List.copyOf(columns);
        lows = lows.clone();
        highs = highs.clone();
    }

    /**
     * Learns from training rows.
     *
     * @param names columns of numbers; none for all of them
     * @throws kawi.data.DataException where a value is missing, or all are equal
     */
    public static MinMax fit(Training training, String... names) {
        List<Column> chosen = Scaling.columns("MinMax", training, names);
        return new MinMax(
                chosen.stream().map(c -> c.field().name()).toList(),
                chosen.stream()
                        .mapToDouble(c -> Arrays.stream(c.numbers()).min().orElseThrow())
                        .toArray(),
                chosen.stream()
                        .mapToDouble(c -> Arrays.stream(c.numbers()).max().orElseThrow())
                        .toArray());
    }

    @Override
    public Table apply(Table table) {
        double[] scales = highs.clone();
        for (int k = 0; k < scales.length; k++) {
            scales[k] -= lows[k];
        }
        return Scaling.apply(table, columns, lows, scales);
    }
}
