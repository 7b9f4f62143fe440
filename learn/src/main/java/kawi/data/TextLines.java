package kawi.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text in UTF-8, one at a time, for readers of formats: a file larger than memory can be passed over, a line longer than the limit is refused
 * before it is read to its end, and what is no UTF-8 is an error with line and column. A line ends with LF, CRLF or CR; the last one need not. A byte order mark at
 * the start does not count. Files packed with gzip are recognised by their content.
 */
public final class TextLines implements AutoCloseable {
    /** 16 MiB. */
    public static final int LONGEST = 1 << 24;

    private final InputStream in;
    private final String name;
    private final int longest;
    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;
    private byte[] line = new byte[256];
    private CharBuffer decoded = CharBuffer.allocate(256);
    private long number;
    private String lineEnd = "";

    /**
     * The lines of a stream.
     *
     * @param name of the text, for messages
     * @param longest bytes of the longest line that is accepted
     */
    public TextLines(InputStream in, String name, int longest) {
        this.in = in;
        this.name = name;
        this.longest = longest;
    }

    /** The lines of a file, packed with gzip or not. */
    public static TextLines open(Path file, int longest) {
        try {
            InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            try {
                raw.mark(2);
                boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
                raw.reset();
                return new TextLines(packed ? new GZIPInputStream(raw, 1 << 16) : raw, file.toString(), longest);
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new DataException("%s cannot be read: there is no such file".formatted(file), e);
        } catch (IOException e) {
            throw new DataException("%s cannot be read: %s".formatted(file, cause(e)), e);
        }
    }

    /** Why, in words: the end of packed data comes with a message of its own making, or none. */
    private static @Nullable String cause(IOException e) {
        return e instanceof EOFException
                ? "the packed data ends too early; the file was probably cut off while it was copied or downloaded"
                : e.getMessage();
    }

    /** The next line without its end, or null after the last. */
    public @Nullable String next() {
        int length = 0;
        number++;
        while (true) {
            if (at == end && !fill()) {
                lineEnd = "";
                if (length == 0) {
                    number--;
                    return null;
                }
                return text(length);
            }
            int from = at;
            while (at < end && buffer[at] != '\n' && buffer[at] != '\r') {
                at++;
            }
            length = append(from, at - from, length);
            if (at < end) {
                if (buffer[at++] == '\n') {
                    lineEnd = "\n";
                } else {
                    boolean both = (at < end || fill()) && buffer[at] == '\n';
                    at += both ? 1 : 0;
                    lineEnd = both ? "\r\n" : "\r";
                }
                return text(length);
            }
        }
    }

    private int append(int from, int count, int length) {
        if (count > longest - length) {
            throw new DataException(
                    "%s, line %d: the line is longer than %,d bytes; is this a text with a line for each example? If so, allow longer lines"
                            .formatted(name, number, longest));
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, (int) Math.min(longest, Math.max(2L * line.length, length + count)));
        }
        System.arraycopy(buffer, from, line, length, count);
        return length + count;
    }

    private boolean fill() {
        try {
            at = 0;
            end = Math.max(0, in.read(buffer));
            return end > 0;
        } catch (IOException e) {
            throw new DataException("%s, line %d: cannot be read on: %s".formatted(name, number, cause(e)), e);
        }
    }

    private String text(int length) {
        boolean mark = number == 1
                && length >= 3
                && line[0] == (byte) 0xef
                && line[1] == (byte) 0xbb
                && line[2] == (byte) 0xbf;
        ByteBuffer bytes = ByteBuffer.wrap(line, mark ? 3 : 0, mark ? length - 3 : length);
        if (decoded.capacity() < length) {
            decoded = CharBuffer.allocate(line.length);
        }
        decoded.clear();
        CoderResult result = decoder.reset().decode(bytes, decoded, true);
        if (result.isError()) {
            throw wrong(
                    decoded.position(),
                    "the byte 0x%02x is not UTF-8; convert the file, for example by iconv -f LATIN1 -t UTF-8"
                            .formatted(bytes.get(bytes.position())));
        }
        return decoded.flip().toString();
    }

    /** The number of the line that {@link #next} gave last, from 1; after the end, of the last line. */
    public long number() {
        return number;
    }

    /** What ended that line: LF, CRLF, CR, or nothing. */
    public String lineEnd() {
        return lineEnd;
    }

    /** The name of the text. */
    public String name() {
        return name;
    }

    /** An error in the line that {@link #next} gave last, at a character counted from 0. */
    public DataException wrong(int column, String message) {
        return new DataException("%s, line %d, column %d: %s".formatted(name, number, column + 1, message));
    }

    /** A piece of a text for a message: shortened, and in quotation marks. */
    public static String quoted(String text) {
        String visible = text.length() <= 40 ? text : text.substring(0, 40) + "…";
        return text.isEmpty() ? "nothing" : "\"" + visible.replaceAll("\\p{Cntrl}", "·") + "\"";
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new DataException("%s cannot be closed: %s".formatted(name, e.getMessage()), e);
        }
    }
}
