package kawi.sparse;

import java.nio.file.Path;
import java.util.Arrays;
import kawi.data.DataException;
import kawi.data.TextLines;
import kawi.tensor.Tensor;

/**
 * Files of the LIBSVM format (Chang and Lin 2011, <em>LIBSVM: a library for support vector machines</em>): one example a line, the
 * label and then {@code index:value} for what is not 0, indices from 1 and ascending, separated by blanks. What follows a # does not count.
 * Files are read line by line, so they may be larger than memory is for their text.
 */
public final class LibSvm {
    /** The features {@code [examples, features]}, {@code F32} in CSR, and the labels {@code [examples]}, {@code F32}. */
    public record Data(SparseMatrix x, Tensor y) {}

    private final TextLines lines;
    private final int mostFeatures;
    private String text = "";
    private int at;

    private int[] pointers = new int[1024];
    private float[] labels = new float[1023];
    private int examples;
    private int[] indices = new int[4096];
    private float[] values = new float[4096];
    private int entries;
    private int features;

    private LibSvm(TextLines lines, int mostFeatures) {
        this.lines = lines;
        this.mostFeatures = mostFeatures;
    }

    /** Reads a file, gzipped or not; the number of features is the largest index. */
    public static Data read(Path file) {
        return read(file, 0);
    }

    /**
     * Reads a file.
     *
     * @param features how many there are, so that parts of a data set agree; 0 for the largest index
     * @throws DataException where the text is not of the format, with line and column, or has no example
     */
    public static Data read(Path file, int features) {
        try (TextLines lines = TextLines.open(file, TextLines.LONGEST)) {
            return read(lines, features);
        }
    }

    /**
     * Reads lines to their end.
     *
     * @param features how many there are; 0 for the largest index
     */
    public static Data read(TextLines lines, int features) {
        LibSvm reader = new LibSvm(lines, features);
        for (String line = lines.next(); line != null; line = lines.next()) {
            reader.example(line);
        }
        return reader.data();
    }

    private Data data() {
        if (examples == 0) {
            throw new DataException(
                    "%s has no example: a line with a label, and index:value for what is not 0, was expected"
                            .formatted(lines.name()));
        }
        int columns = mostFeatures > 0 ? mostFeatures : features;
        SparseMatrix x = SparseMatrix.csr(
                examples,
                columns,
                Arrays.copyOf(pointers, examples + 1),
                Arrays.copyOf(indices, entries),
                Tensor.of(Arrays.copyOf(values, entries)));
        return new Data(x, Tensor.of(Arrays.copyOf(labels, examples)));
    }

    private void example(String line) {
        int end = line.indexOf('#');
        text = end < 0 ? line : line.substring(0, end);
        at = 0;
        skipBlanks();
        if (at == text.length()) {
            return;
        }
        if (examples == labels.length) {
            labels = Arrays.copyOf(labels, 2 * examples);
            pointers = Arrays.copyOf(pointers, 2 * examples + 1);
        }
        labels[examples] = number("a label");
        skipBlanks();
        for (int before = 0; at < text.length(); skipBlanks()) {
            before = feature(before);
        }
        pointers[++examples] = entries;
    }

    /** One {@code index:value}; returns the index. */
    private int feature(int before) {
        int start = at;
        long index = 0;
        while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
            index = Math.min(10 * index + Character.digit(text.charAt(at++), 10), 1L << 31);
        }
        if (at == start || at == text.length() || text.charAt(at) != ':') {
            throw wrong(start, "index:value is expected, such as 3:0.5");
        }
        if (index == 0) {
            throw wrong(start, "indices start at 1; add 1 to all of them");
        }
        if (index > Integer.MAX_VALUE || mostFeatures > 0 && index > mostFeatures) {
            throw wrong(start, "indices go up to " + (mostFeatures > 0 ? mostFeatures : Integer.MAX_VALUE));
        }
        if (index <= before) {
            throw wrong(start, "indices of a line ascend, and the one before is " + before);
        }
        at++;
        if (entries == indices.length) {
            int more = Math.toIntExact(Math.min(2L * entries, Integer.MAX_VALUE - 8));
            indices = Arrays.copyOf(indices, more);
            values = Arrays.copyOf(values, more);
        }
        values[entries] = number("a value");
        indices[entries++] = (int) index - 1;
        features = Math.max(features, (int) index);
        return (int) index;
    }

    private float number(String what) {
        int start = at;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        boolean plain = !word.isEmpty() && word.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0);
        try {
            float x = plain ? Float.parseFloat(word) : Float.NaN;
            if (Float.isFinite(x)) {
                return x;
            }
        } catch (NumberFormatException e) {
            // the message below says more
        }
        throw wrong(start, what + " is expected, a decimal number within the range of a float");
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private DataException wrong(int start, String message) {
        int end = start;
        while (end < text.length() && !isBlank(text.charAt(end)) && end < start + 40) {
            end++;
        }
        return lines.wrong(start, message + ", but there is " + TextLines.quoted(text.substring(start, end)));
    }
}
