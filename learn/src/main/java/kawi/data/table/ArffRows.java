package kawi.data.table;

import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kawi.data.DataException;
import kawi.data.TextLines;
import org.jspecify.annotations.Nullable;

/** The rows of an ARFF file. */
final class ArffRows extends Rows {
    private static final DateTimeFormatter USUAL = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT);

    private final Schema schema;
    private final Map<Integer, DateTimeFormatter> formats = new HashMap<>();
    private String text = "";
    private int at;
    /** Whether the word read last stood in quotation marks. */
    private boolean quoted;

    ArffRows(TextLines lines) {
        super(lines);
        schema = header();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    double seconds(String value, int place, Row row) {
        return Dates.seconds(value, formats.getOrDefault(place, USUAL), row, place);
    }

    // Header

    private Schema header() {
        List<Field> fields = new ArrayList<>();
        Map<String, Boolean> names = new HashMap<>();
        boolean relation = false;
        while (true) {
            if (!nextLine()) {
                if (lines.number() == 0) {
                    throw new DataException(
                            "%s is empty: @relation, @attribute or @data was expected".formatted(lines.name()));
                }
                throw lines.wrong(0, "the file ends before its @data line; is it an ARFF file?");
            }
            String keyword = keyword();
            switch (keyword) {
                case "@relation" -> {
                    if (relation || !fields.isEmpty()) {
                        throw lines.wrong(0, "there is one @relation line, before all others");
                    }
                    relation = true;
                    word("the name of the relation", "");
                }
                case "@attribute" -> {
                    int from = at;
                    Field field = attribute(fields.size());
                    if (names.put(field.name(), true) != null) {
                        throw lines.wrong(
                                from,
                                "there are two attributes %s; name one of them otherwise"
                                        .formatted(TextLines.quoted(field.name())));
                    }
                    fields.add(field);
                }
                case "@data" -> {
                    if (fields.isEmpty()) {
                        throw lines.wrong(0, "there is no @attribute line before @data");
                    }
                    end();
                    return new Schema(fields);
                }
                default ->
                    throw lines.wrong(
                            0, "@relation, @attribute or @data is expected, but there is " + TextLines.quoted(keyword));
            }
            if (!keyword.equals("@relation")) {
                end();
            }
        }
    }

    /** The next line with something on it; false after the last. */
    private boolean nextLine() {
        while (true) {
            String line = lines.next();
            if (line == null) {
                return false;
            }
            text = line;
            at = 0;
            skipBlanks();
            if (at < text.length() && text.charAt(at) != '%') {
                return true;
            }
        }
    }

    private String keyword() {
        int from = at;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at).toLowerCase(Locale.ROOT);
    }

    private Field attribute(int place) {
        String name = word("the attribute's name", "{");
        skipBlanks();
        int from = at;
        if (at < text.length() && text.charAt(at) == '{') {
            return Field.category(name, categories());
        }
        String kind = word("the attribute's kind", "").toLowerCase(Locale.ROOT);
        return switch (kind) {
            case "numeric", "real", "integer" -> Field.number(name);
            case "string" -> Field.text(name);
            case "date" -> {
                skipBlanks();
                if (at < text.length()) {
                    int start = at;
                    String pattern = word("the pattern of the date", "");
                    try {
                        formats.put(place, DateTimeFormatter.ofPattern(pattern.replace("y", "u"), Locale.ROOT));
                    } catch (IllegalArgumentException e) {
                        throw lines.wrong(
                                start,
                                "%s is no pattern of a date: %s".formatted(TextLines.quoted(pattern), e.getMessage()));
                    }
                }
                yield Field.date(name);
            }
            default ->
                throw lines.wrong(
                        from,
                        "numeric, real, integer, string, date or {a list of categories} is expected, but there is "
                                + TextLines.quoted(kind));
        };
    }

    private List<String> categories() {
        List<String> found = new ArrayList<>();
        Map<String, Boolean> known = new HashMap<>();
        at++;
        skipBlanks();
        while (at < text.length() && text.charAt(at) != '}') {
            int from = at;
            String value = word("a category", ",}");
            if (known.put(value, true) != null) {
                throw lines.wrong(from, "the category %s is there twice".formatted(TextLines.quoted(value)));
            }
            found.add(value);
            skipBlanks();
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                skipBlanks();
            }
        }
        if (at == text.length()) {
            throw lines.wrong(at, "} is expected after the categories, but the line ends");
        }
        at++;
        return found;
    }

    // Rows

    @Override
    @Nullable
    Row read() {
        if (!nextLine()) {
            return null;
        }
        int n = schema.fields().size();
        List<@Nullable String> values = new ArrayList<>(n);
        long[] places = new long[n];
        int[] columns = new int[n];
        Arrays.fill(places, lines.number());
        if (text.charAt(at) == '{') {
            sparse(values, columns);
        } else {
            dense(values, columns);
        }
        return new Row(this, values, places, columns);
    }

    private void dense(List<@Nullable String> values, int[] columns) {
        int n = columns.length;
        while (true) {
            if (values.size() == n) {
                throw lines.wrong(at, "the row has more values than there are attributes, %d".formatted(n));
            }
            columns[values.size()] = at;
            values.add(value(","));
            skipBlanks();
            if (at == text.length()) {
                break;
            }
            if (text.charAt(at) == ',') {
                at++;
                skipBlanks();
            }
        }
        if (values.size() < n) {
            throw lines.wrong(at, "the row has %d values, but there are %d attributes".formatted(values.size(), n));
        }
    }

    /** What is not listed is 0, or the first category; text and dates have no such value, and must be listed. */
    private void sparse(List<@Nullable String> values, int[] columns) {
        int start = at++;
        boolean[] listed = new boolean[columns.length];
        for (Field f : schema.fields()) {
            values.add(
                    f.kind() == Field.Kind.CATEGORY && !f.categories().isEmpty()
                            ? f.categories().getFirst()
                            : "0");
        }
        Arrays.fill(columns, start);
        skipBlanks();
        while (at < text.length() && text.charAt(at) != '}') {
            int from = at;
            int place = index(columns.length);
            if (listed[place]) {
                throw lines.wrong(from, "attribute %d is listed twice".formatted(place));
            }
            listed[place] = true;
            skipBlanks();
            columns[place] = at;
            values.set(place, value(",}"));
            skipBlanks();
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                skipBlanks();
            }
        }
        if (at == text.length()) {
            throw lines.wrong(at, "} is expected after the values, but the line ends");
        }
        at++;
        end();
        for (int c = 0; c < listed.length; c++) {
            Field f = schema.fields().get(c);
            if (!listed[c] && (f.kind() == Field.Kind.TEXT || f.kind() == Field.Kind.DATE)) {
                throw lines.wrong(
                        start,
                        "the sparse row does not list \"%s\", and a %s has no value that goes without saying"
                                .formatted(f.name(), f.kind()));
            }
        }
    }

    private int index(int n) {
        int from = at;
        long index = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            index = Math.min(10 * index + text.charAt(at++) - '0', Integer.MAX_VALUE);
        }
        if (at == from || at == text.length() || !isBlank(text.charAt(at)) || index >= n) {
            throw lines.wrong(
                    from, "the number of an attribute, from 0 to %d, and a blank are expected".formatted(n - 1));
        }
        return (int) index;
    }

    private @Nullable String value(String ends) {
        String word = word("a value", ends);
        return word.equals("?") && !quoted ? null : word;
    }

    // Words

    /** A word in quotation marks, or up to a blank or one of {@code ends}. */
    private String word(String what, String ends) {
        skipBlanks();
        int from = at;
        quoted = at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"');
        if (quoted) {
            return inQuotes();
        }
        while (at < text.length() && !isBlank(text.charAt(at)) && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (at == from) {
            throw lines.wrong(
                    from,
                    "%s is expected, but there is %s"
                            .formatted(
                                    what,
                                    at == text.length() ? "nothing" : TextLines.quoted(text.substring(at, at + 1))));
        }
        return text.substring(from, at);
    }

    private String inQuotes() {
        int from = at;
        char mark = text.charAt(at++);
        StringBuilder word = new StringBuilder();
        while (at < text.length() && text.charAt(at) != mark) {
            char c = text.charAt(at++);
            if (c == '\\' && at < text.length()) {
                char escaped = text.charAt(at++);
                c = switch (escaped) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> escaped;
                };
            }
            word.append(c);
        }
        if (at == text.length()) {
            throw lines.wrong(from, "the quotation mark that opens here is not closed on its line");
        }
        at++;
        return word.toString();
    }

    /** Nothing but a comment may follow. */
    private void end() {
        skipBlanks();
        if (at < text.length() && text.charAt(at) != '%') {
            throw lines.wrong(at, "the line should end here, but there is " + TextLines.quoted(text.substring(at)));
        }
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
