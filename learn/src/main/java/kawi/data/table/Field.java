package kawi.data.table;

import java.util.HashSet;
import java.util.List;
import kawi.base.KawiException;

/**
 * The name and kind of a column.
 *
 * @param categories the values of a category in the order of their codes; for other kinds empty
 */
public record Field(String name, Kind kind, List<String> categories) {
    /** What a column holds. */
    public enum Kind {
        /** Decimal numbers. */
        NUMBER,
        /** One of some known values. */
        CATEGORY,
        /** Any text. */
        TEXT,
        /** Points in time, kept as seconds since 1970 in UTC. */
        DATE
    }

    /** Checks the categories, and keeps a copy. */
    public Field {
        categories = List.copyOf(categories);
        if (kind != Kind.CATEGORY && !categories.isEmpty() || new HashSet<>(categories).size() < categories.size()) {
            throw new KawiException(
                    "Field: the categories of \"%s\" must be distinct, and only a category has some; given were %s"
                            .formatted(name, categories));
        }
    }

    /** A column of numbers. */
    public static Field number(String name) {
        return new Field(name, Kind.NUMBER, List.of());
    }

    /** A column of text. */
    public static Field text(String name) {
        return new Field(name, Kind.TEXT, List.of());
    }

    /** A column of one of some values, whose codes count from 0. */
    public static Field category(String name, List<String> categories) {
        return new Field(name, Kind.CATEGORY, categories);
    }

    /** A column of points in time. */
    public static Field date(String name) {
        return new Field(name, Kind.DATE, List.of());
    }
}
