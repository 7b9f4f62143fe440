package kawi.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/**
 * NumPy's file of one array, {@code .npy} (numpy.lib.format, versions 1 to 3): a header that is a line of Python, then
 * the elements, in C or
 * Fortran order. Read are the element types that Kawi has, in either byte order; what else {@code numpy.save} writes (other integers,
 * complex numbers, text, objects) is named in an error.
 */
public final class Npy {
    private Npy() {}

    /**
     * Reads an array.
     *
     * @throws FormatException if the file is absent, truncated, not of the format or of an element type that Kawi has not
     */
    public static Tensor read(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            return read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (NoSuchFileException e) {
            throw new FormatException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new FormatException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (FormatException e) {
            throw new FormatException(file + ": " + e.getMessage(), e);
        }
    }

    /** Writes an array in C order and little-endian, completely or not at all (see {@link AtomicFiles}). */
    public static void write(Path file, Tensor array) {
        AtomicFiles.write(file, channel -> write(channel, array));
    }

    /** The array in the bytes of a file; copied. */
    static Tensor read(MemorySegment file) {
        NpyHeader header = NpyHeader.parse(file);
        long bytes = header.size() * header.dtype().bytes();
        long found = file.byteSize() - header.length();
        if (found != bytes) {
            throw new FormatException("%s of shape %s takes %d bytes, but %d follow the header: %s"
                    .formatted(
                            header.descr(),
                            java.util.Arrays.toString(header.shape()),
                            bytes,
                            found,
                            found < bytes ? "the file is truncated" : "there is something after the array"));
        }
        MemorySegment data = header.inNativeOrder(file.asSlice(header.length()));
        int[] shape = header.shape();
        if (!header.fortran() || shape.length < 2) {
            return Tensor.of(data, header.dtype(), shape);
        }
        // the first axis runs fastest: the array with its axes in reverse order
        int[] reversed = new int[shape.length];
        int[] order = new int[shape.length];
        for (int i = 0; i < shape.length; i++) {
            reversed[i] = shape[shape.length - 1 - i];
            order[i] = shape.length - 1 - i;
        }
        return Tensor.of(data, header.dtype(), reversed).permute(order).realized();
    }

    static void write(WritableByteChannel channel, Tensor array) throws IOException {
        AtomicFiles.writeFully(
                channel,
                ByteBuffer.wrap(NpyHeader.bytes(array.dtype(), array.shape().dims())));
        MemorySegment data = array.segment();
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            data = NpyHeader.swapped(data, array.dtype().bytes());
        }
        long chunk = 1 << 28; // a ByteBuffer spans less than 2 GiB
        for (long at = 0; at < data.byteSize(); at += chunk) {
            long n = Math.min(chunk, data.byteSize() - at);
            AtomicFiles.writeFully(channel, data.asSlice(at, n).asByteBuffer());
        }
    }

    /** NumPy's name of an element type, little-endian. */
    static String descr(DType type) {
        return switch (type) {
            case BOOL -> "|b1";
            case U8 -> "|u1";
            case I32 -> "<i4";
            case I64 -> "<i8";
            case F16 -> "<f2";
            case BF16 ->
                throw new KawiException(
                        "npy has no type for bf16, as NumPy has none; write .to(DType.F32), which holds every value");
            case F32 -> "<f4";
            case F64 -> "<f8";
        };
    }
}
