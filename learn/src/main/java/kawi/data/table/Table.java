package kawi.data.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Columns of one length, by name; immutable. {@link Csv} and {@link Arff} read one. Each row remembers its line in the file, for messages. Missing values stay
 * missing until someone says what they become: {@link #mask}, {@link #tensorWithNan}, or {@link Impute}.
 */
public final class Table {
    private final String name;
    private final long[] lines;
    private final List<Column> columns;
    private final Schema schema;

    Table(String name, long[] lines, List<Column> columns) {
        this.name = name;
        this.lines = lines;
        this.columns = List.copyOf(columns);
        this.schema = new Schema(columns.stream().map(Column::field).toList());
    }

    /** Where it came from, for messages. */
    public String name() {
        return name;
    }

    /** Number of rows. */
    public int rows() {
        return lines.length;
    }

    /** The columns' names and kinds. */
    public Schema schema() {
        return schema;
    }

    /** The line of the file on which a row begins. */
    public long line(int row) {
        return lines[row];
    }

    Column column(String column) {
        return columns.get(schema.place(column));
    }

    List<Column> columns() {
        return columns;
    }

    // To tensors

    /**
     * Columns of numbers or dates as {@code F32} {@code [rows, columns]}, in the given order; without names, all columns of numbers.
     *
     * @throws DataException where a value is missing: names file, line and column
     */
    public Tensor tensor(String... names) {
        return tensor(DType.F32, names);
    }

    /** As {@link #tensor(String...)} in another floating-point type. */
    public Tensor tensor(DType type, String... names) {
        return matrix(type, false, names);
    }

    /** As {@link #tensor(String...)}, with NaN where a value is missing. */
    public Tensor tensorWithNan(DType type, String... names) {
        return matrix(type, true, names);
    }

    private Tensor matrix(DType type, boolean withNan, String... names) {
        List<Column> chosen = chosen(names);
        double[] values = new double[Math.multiplyExact(rows(), chosen.size())];
        for (int c = 0; c < chosen.size(); c++) {
            Column column = chosen.get(c);
            Field.Kind kind = column.field().kind();
            if (kind != Field.Kind.NUMBER && kind != Field.Kind.DATE) {
                throw new KawiException(
                        "%s: column \"%s\" is of kind %s; encode it (OneHot), or read its codes with classes(\"%s\")"
                                .formatted(
                                        name,
                                        column.field().name(),
                                        kind,
                                        column.field().name()));
            }
            for (int r = 0; r < rows(); r++) {
                if (!withNan && column.missing(r)) {
                    throw missing(column.field().name(), r);
                }
                values[r * chosen.size() + c] = column.numbers()[r];
            }
        }
        return Tensor.of(values, rows(), chosen.size()).to(type).realized();
    }

    /** One column of numbers or dates as {@code F32} {@code [rows]}: a target of regression. */
    public Tensor vector(String column) {
        return tensor(column).squeeze(1);
    }

    /**
     * The codes of a category as {@code I64} {@code [rows]}, in the order of {@code schema()}'s categories; of a column of whole numbers these themselves.
     *
     * @throws DataException where a value is missing, or is no whole number from 0 on
     */
    public Tensor classes(String column) {
        return Tensor.of(Arrays.stream(codes(column)).asLongStream().toArray());
    }

    /** The same as an array, for {@code kawi.evaluate.Splits}. */
    public int[] codes(String column) {
        Column c = column(column);
        int[] codes = new int[rows()];
        if (c.field().kind() == Field.Kind.TEXT || c.field().kind() == Field.Kind.DATE) {
            throw new KawiException("%s: column \"%s\" is of kind %s and has no classes"
                    .formatted(name, column, c.field().kind()));
        }
        for (int r = 0; r < codes.length; r++) {
            if (c.missing(r)) {
                throw missing(column, r);
            }
            codes[r] = (int) c.numbers()[r];
            if (codes[r] != c.numbers()[r] || codes[r] < 0) {
                throw at(column, r, "classes are whole numbers from 0 on, but there is " + c.numbers()[r]);
            }
        }
        return codes;
    }

    /** The values of a column of text; null where missing. */
    public List<@Nullable String> texts(String column) {
        Column c = column(column);
        if (c.field().kind() == Field.Kind.TEXT) {
            return java.util.Collections.unmodifiableList(c.texts());
        }
        if (c.field().kind() != Field.Kind.CATEGORY) {
            throw new KawiException("%s: column \"%s\" is of kind %s, not text"
                    .formatted(name, column, c.field().kind()));
        }
        List<@Nullable String> texts = new ArrayList<>();
        for (double code : c.numbers()) {
            texts.add(Double.isNaN(code) ? null : c.field().categories().get((int) code));
        }
        return texts;
    }

    /** Where values are missing: {@code BOOL} {@code [rows, columns]}; without names, of all columns. */
    public Tensor mask(String... names) {
        List<Column> chosen = names.length == 0
                ? columns
                : Arrays.stream(names).map(this::column).toList();
        boolean[] mask = new boolean[Math.multiplyExact(rows(), chosen.size())];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = chosen.get(i % chosen.size()).missing(i / chosen.size());
        }
        return Tensor.of(mask, rows(), chosen.size());
    }

    /** Columns by name; without names all columns of numbers. */
    List<Column> chosen(String... names) {
        if (names.length > 0) {
            return Arrays.stream(names).map(this::column).toList();
        }
        return columns.stream()
                .filter(c -> c.field().kind() == Field.Kind.NUMBER)
                .toList();
    }

    // Parts

    /** The rows with the given numbers, from 0, in that order. */
    public Table take(int... rows) {
        for (int r : rows) {
            if (r < 0 || r >= rows()) {
                throw new KawiException(
                        "%s: row %d is asked for, but there are %d, counted from 0".formatted(name, r, rows()));
            }
        }
        return new Table(
                name,
                Arrays.stream(rows).mapToLong(r -> lines[r]).toArray(),
                columns.stream().map(c -> c.take(rows)).toList());
    }

    /** Some columns, in the given order. */
    public Table select(String... names) {
        return new Table(name, lines, Arrays.stream(names).map(this::column).toList());
    }

    /** All columns but some. */
    public Table without(String... names) {
        List<String> dropped =
                Arrays.stream(names).map(n -> column(n).field().name()).toList();
        return new Table(
                name,
                lines,
                columns.stream()
                        .filter(c -> !dropped.contains(c.field().name()))
                        .toList());
    }

    /** With a column of numbers computed from another, such as a logarithm, in its place or after the others under a new name. */
    public Table map(String column, String newName, DoubleUnaryOperator f) {
        Column from = chosen(column).getFirst();
        if (from.field().kind() != Field.Kind.NUMBER) {
            throw new KawiException("%s: column \"%s\" is of kind %s, not of numbers"
                    .formatted(name, column, from.field().kind()));
        }
        Column made = new Column(
                Field.number(newName), Arrays.stream(from.numbers()).map(f).toArray(), List.of());
        return replaced(List.of(newName), List.of(made));
    }

    /** Column k of {@code by} in place of that called {@code names[k]}; what has no place comes after the others. */
    Table replaced(List<String> names, List<Column> by) {
        List<Column> all = new ArrayList<>();
        BitSet placed = new BitSet();
        for (Column c : columns) {
            int at = names.indexOf(c.field().name());
            all.add(at < 0 ? c : by.get(at));
            if (at >= 0) {
                placed.set(at);
            }
        }
        for (int k = 0; k < by.size(); k++) {
            if (!placed.get(k)) {
                all.add(by.get(k));
            }
        }
        return new Table(name, lines, all);
    }

    /**
     * Training and test rows, from which transformations tell apart what they may learn from: see {@link Training}.
     *
     * @param train numbers of rows, such as {@code split.train()} of {@code kawi.evaluate}
     * @param test others
     */
    public Parts split(int[] train, int[] test) {
        BitSet known = new BitSet();
        for (int i : train) {
            if (i >= 0) {
                known.set(i); // another is refused when it is taken
            }
        }
        for (int i : test) {
            if (i >= 0 && known.get(i)) {
                throw new KawiException(
                        "%s: row %d is to be in both parts; what is tested may not be learnt from".formatted(name, i));
            }
        }
        return new Parts(new Training(take(train)), take(test));
    }

    /** Training rows, and test rows. */
    public record Parts(Training training, Table test) {}

    // Errors

    DataException missing(String column, int row) {
        return at(column, row, "the value is missing; drop the row, impute it, or take tensorWithNan and mask");
    }

    DataException at(String column, int row, String message) {
        return new DataException("%s, line %d, column \"%s\": %s".formatted(name, lines[row], column, message));
    }

    /** Name, rows and columns. */
    @Override
    public String toString() {
        return "Table[%s, %d rows, %s]".formatted(name, rows(), schema.names());
    }
}
