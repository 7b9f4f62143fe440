package kawi.evaluate;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kawi.base.KawiException;

/**
 * Settings to be tried: a number ({@link Double}) or a text for each name. Equal settings are equal configurations, in whatever order they were given.
 *
 * @param values by name, sorted
 */
public record Configuration(Map<String, Object> values) {
    /** Checks the values, and keeps a copy. */
    public Configuration {
        Map<String, Object> sorted = new TreeMap<>();
        values.forEach((name, value) -> {
            boolean number = value instanceof Number n && Double.isFinite(n.doubleValue());
            if (!number && !(value instanceof String)) {
                throw new KawiException(
                        "Configuration: %s is %s, but settings are finite numbers or texts".formatted(name, value));
            }
            sorted.put(name, value instanceof Number n ? (Object) (n.doubleValue() + 0.0) : value);
        });
        values = Collections.unmodifiableMap(sorted);
    }

    /** A number. */
    public double number(String name) {
        if (get(name) instanceof Double d) {
            return d;
        }
        throw new KawiException("Configuration: %s is the text \"%s\", not a number".formatted(name, get(name)));
    }

    /** A whole number. */
    public int whole(String name) {
        double d = number(name);
        if (d != Math.rint(d) || Math.abs(d) > Integer.MAX_VALUE) {
            throw new KawiException("Configuration: %s is %s, not a whole number".formatted(name, d));
        }
        return (int) d;
    }

    /** A text. */
    public String text(String name) {
        if (get(name) instanceof String s) {
            return s;
        }
        throw new KawiException("Configuration: %s is the number %s, not a text".formatted(name, get(name)));
    }

    private Object get(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new KawiException("Configuration: there is no \"%s\"; there are %s".formatted(name, values.keySet()));
        }
        return value;
    }

    /** As in {@code depth=3.0, rate=0.01}. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(", "));
    }
}
