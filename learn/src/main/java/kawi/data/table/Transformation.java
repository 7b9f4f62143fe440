package kawi.data.table;

/**
 * A change of columns that was learnt from training rows and is the same for all rows: {@link Standardize}, {@link MinMax}, {@link Impute}, {@link OneHot}. A new one is
 * a class with a {@code fit} that takes {@link Training}.
 */
@FunctionalInterface
public interface Transformation {
    /** The changed table. */
    Table apply(Table table);

    /** The changed training rows, to which the next transformation can be fitted. */
    default Training apply(Training training) {
        return new Training(apply(training.table()));
    }

    /** This, and then another. */
    default Transformation then(Transformation next) {
        return table -> next.apply(apply(table));
    }
}
