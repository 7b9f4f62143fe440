package kawi.data.table;

import java.util.Arrays;
import java.util.List;

/**
 * (x − mean)/deviation, with mean and standard deviation (divided by n) of the training rows.
 *
 * @param columns names
 * @param means one for each column
 * @param deviations one for each column, above 0
 */
public record Standardize(List<String> columns, double[] means, double[] deviations) implements Transformation {
    /** Keeps copies. */
    public Standardize {
        columns = List.copyOf(columns);
        means = means.clone();
        deviations = deviations.clone();
    }

    /**
     * Learns from training rows.
     *
     * @param names columns of numbers; none for all of them
     * @throws kawi.data.DataException where a value is missing, or all are equal
     */
    public static Standardize fit(Training training, String... names) {
        List<Column> chosen = Scaling.columns("Standardize", training, names);
        double[] means = chosen.stream()
                .mapToDouble(c -> Arrays.stream(c.numbers()).average().orElseThrow())
                .toArray();
        double[] deviations = new double[means.length];
        for (int k = 0; k < means.length; k++) {
            double mean = means[k];
            double[] apart =
                    Arrays.stream(chosen.get(k).numbers()).map(v -> v - mean).toArray();
            double most = Arrays.stream(apart).map(Math::abs).max().orElseThrow(); // so that squares stay numbers
            deviations[k] = most
                    * Math.sqrt(Arrays.stream(apart)
                            .map(v -> v / most * (v / most))
                            .average()
                            .orElseThrow());
        }
        return new Standardize(chosen.stream().map(c -> c.field().name()).toList(), means, deviations);
    }

    @Override
    public Table apply(Table table) {
        return Scaling.apply(table, columns, means, deviations);
    }
}
