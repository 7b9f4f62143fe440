package kawi.data.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import kawi.data.DataException;
import kawi.data.TextLines;
import org.jspecify.annotations.Nullable;

/** One row of a file: the texts of its values, and where they stand. */
public final class Row {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private final Rows source;
    private final List<@Nullable String> values;
    private final long[] lines;
    private final int[] columns;

    /**
     * @param values texts; null for missing ones
     * @param lines the line on which each value begins
     * @param columns the character there at which it begins, from 0
     */
    Row(Rows source, List<@Nullable String> values, long[] lines, int[] columns) {
        this.source = source;
        this.values = values;
        this.lines = lines;
        this.columns = columns;
    }

    /** Number of values. */
    public int size() {
        return values.size();
    }

    /** The line on which the row begins, from 1. */
    public long line() {
        return lines.length == 0 ? 0 : lines[0];
    }

    /** Whether a value is missing. */
    public boolean missing(int place) {
        return values.get(place) == null;
    }

    /** The text of a value; null where it is missing. */
    public @Nullable String text(int place) {
        return values.get(place);
    }

    /**
     * A value as its column's kind has it: a number, the code of a category, the seconds of a date; NaN where it is missing.
     *
     * @throws DataException where the text is none, with file, line and column
     */
    public double number(int place) {
        Field field = source.schema().fields().get(place);
        String text = values.get(place);
        if (text == null) {
            return Double.NaN;
        }
        return switch (field.kind()) {
            case NUMBER -> decimal(text, place, field);
            case CATEGORY -> {
                Integer code = source.codes(place).get(text);
                if (code == null) {
                    throw wrong(
                            place,
                            "%s is not one of the known categories of \"%s\", %s"
                                    .formatted(TextLines.quoted(text), field.name(), shortened(field.categories())));
                }
                yield code;
            }
            case DATE -> source.seconds(text, place, this);
            case TEXT -> throw wrong(place, "\"%s\" is text, and has no number".formatted(field.name()));
        };
    }

    private double decimal(String text, int place, Field field) {
        if (isNumber(text)) {
            double value = Double.parseDouble(text.strip());
            if (Double.isFinite(value)) {
                return value;
            }
        }
        throw wrong(
                place,
                "a decimal number is expected in \"%s\", but there is %s; if that means a missing value, name it among those"
                        .formatted(field.name(), TextLines.quoted(text)));
    }

    /** Whether a text is a decimal number within the range of doubles, blanks around it aside. */
    static boolean isNumber(String text) {
        String bare = text.strip();
        return bare.length() <= 400 && NUMBER.matcher(bare).matches() && Double.isFinite(Double.parseDouble(bare));
    }

    private static String shortened(List<String> categories) {
        return categories.size() <= 10 ? categories.toString() : categories.subList(0, 10) + " and others";
    }

    /** An error at a value. */
    DataException wrong(int place, String message) {
        return new DataException(
                "%s, line %d, column %d: %s".formatted(source.name(), lines[place], columns[place] + 1, message));
    }

    /** The codes of categories by value. */
    static Map<String, Integer> codes(Field field) {
        Map<String, Integer> codes = new HashMap<>();
        for (String category : field.categories()) {
            codes.put(category, codes.size());
        }
        return codes;
    }
}
