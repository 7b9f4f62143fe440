package kawi.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array read from an IDX file, the format of MNIST: two zero bytes, the element type, the number of axes, the length of each axis
 * (32 bits, big-endian), the elements (big-endian). Files packed with gzip are recognised by their content, not their name.
 *
 * @param type what the elements are
 * @param shape length of each axis
 * @param data the elements, big-endian, position 0
 */
public record Idx(Type type, int[] shape, ByteBuffer data) {
    /** Element types of the format. */
    public enum Type {
        /** Unsigned bytes. */
        U8(0x08, 1),
        /** Signed bytes. */
        I8(0x09, 1),
        /** 16-bit signed integers. */
        I16(0x0B, 2),
        /** 32-bit signed integers. */
        I32(0x0C, 4),
        /** 32-bit floats. */
        F32(0x0D, 4),
        /** 64-bit floats. */
        F64(0x0E, 8);

        private final int code;
        private final int bytes;

        Type(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        private static Type of(int code, Path file) {
            for (Type type : values()) {
                if (type.code == code) {
                    return type;
                }
            }
            throw new DataException(
                    "%s: element type 0x%02x in the IDX header is unknown (known: 0x08 for bytes to 0x0e for doubles)"
                            .formatted(file, code));
        }
    }

    /** Java arrays hold no more; a header that asks for more is damaged. */
    private static final long MOST_BYTES = Integer.MAX_VALUE - 64;

    /** Reads a file, plain or packed with gzip. */
    public static Idx read(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            try (DataInputStream in = new DataInputStream(gzip ? new GZIPInputStream(raw, 1 << 16) : raw)) {
                return read(file, in);
            }
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": there is no such file", e);
        } catch (EOFException e) {
            throw new DataException(
                    file + ": the file ends too early; it was probably cut off while it was copied or downloaded."
                            + " Delete it and fetch it again.",
                    e);
        } catch (ZipException e) {
            throw new DataException(
                    file + ": damaged gzip data (" + e.getMessage() + "). Delete the file and fetch it again.", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Idx read(Path file, DataInputStream in) throws IOException {
        int magic = in.readInt();
        if (magic >>> 16 != 0) {
            throw new DataException(
                    ("%s: not an IDX file: it begins with 0x%08x, but the first two bytes of IDX are zero"
                                    + " (0x00000803 for images, 0x00000801 for labels)")
                            .formatted(file, magic));
        }
        Type type = Type.of(magic >>> 8, file);
        int[] shape = new int[magic & 0xff];
        long bytes = type.bytes;
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = in.readInt();
            if (shape[axis] < 0 || (bytes *= shape[axis]) > MOST_BYTES) {
                throw new DataException("%s: axis %d of the IDX header has length %d: the header is damaged"
                        .formatted(file, axis, Integer.toUnsignedLong(shape[axis])));
            }
        }
        // Never more memory than the file really fills: a damaged header may promise gigabytes.
        byte[] data = in.readNBytes((int) bytes);
        if (data.length < bytes) {
            throw new DataException(
                    "%s: the header promises %s, that is %d bytes, but the file holds %d; it was probably cut off."
                                    .formatted(file, Arrays.toString(shape), bytes, data.length)
                            + " Delete it and fetch it again.");
        }
        if (in.read() >= 0) {
            throw new DataException(
                    "%s: the header promises %s, that is %d bytes, but more follow: header and content do not agree"
                            .formatted(file, Arrays.toString(shape), bytes));
        }
        return new Idx(type, shape, ByteBuffer.wrap(data));
    }

    /**
     * Reads a pair of files such as MNIST's: images of unsigned bytes [count, height, width], and labels [count].
     *
     * @throws DataException if they are not that, differ in count, or a label lies outside 0 … classes − 1
     */
    @SuppressWarnings("ByteBufferBackingArray") // read() wraps an array of exactly this size
    public static GreyImages images(Path images, Path labels, int classes) {
        Idx pixels = read(images).expect(images, 3, "images [count, height, width]");
        Idx answers = read(labels).expect(labels, 1, "labels [count]");
        if (pixels.shape[0] != answers.shape[0]) {
            throw new DataException("%s holds %d images, but %s holds %d labels: the two do not belong together"
                    .formatted(images, pixels.shape[0], labels, answers.shape[0]));
        }
        byte[] classOf = answers.data.array();
        for (int i = 0; i < classOf.length; i++) {
            if (Byte.toUnsignedInt(classOf[i]) >= classes) {
                throw new DataException("%s: label %d at position %d is out of range: there are %d classes, 0 … %d"
                        .formatted(labels, Byte.toUnsignedInt(classOf[i]), i, classes, classes - 1));
            }
        }
        return new GreyImages(pixels.shape[1], pixels.shape[2], classes, pixels.data.array(), classOf);
    }

    private Idx expect(Path file, int axes, String what) {
        if (type != Type.U8 || shape.length != axes) {
            throw new DataException("%s: expected %s of unsigned bytes, found %s of shape %s; were two files exchanged?"
                    .formatted(file, what, type, Arrays.toString(shape)));
        }
        return this;
    }
}
