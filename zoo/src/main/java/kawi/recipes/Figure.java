package kawi.recipes;

/**
 * A number that a demonstration found, beside what it is held against.
 *
 * @param key its name for machines, in small letters with underscores
 * @param meaning its name for people
 * @param value the number
 * @param reference what it is held against
 */
public record Figure(String key, String meaning, double value, Reference reference) {
    /** Whether the value meets the reference. */
    public boolean met() {
        return reference.metBy(value);
    }

    /** The value as people write it. */
    public String text() {
        return Reference.text(value);
    }
}
