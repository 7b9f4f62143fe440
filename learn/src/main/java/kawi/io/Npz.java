package kawi.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import kawi.tensor.Tensor;

/**
 * NumPy's file of several named arrays, {@code .npz}: a ZIP archive with one {@link Npy} file for each, as {@code numpy.savez} and {@code
 * numpy.savez_compressed} write it.
 */
public final class Npz {
    private static final String SUFFIX = ".npy";
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private Npz() {}

    /**
     * Reads all arrays, in the archive's order.
     *
     * @throws FormatException if the file is absent, damaged, or one of its arrays cannot be read
     */
    public static Map<String, Tensor> read(Path file) {
        if (!Files.exists(file)) {
            throw new FormatException(file + ": there is no such file");
        }
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                String name = entry.getName();
                String key = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
                if (arrays.put(key, array(file, zip, entry)) != null) {
                    throw new FormatException("%s: two arrays are called \"%s\"".formatted(file, key));
                }
            }
        } catch (ZipException e) {
            throw new FormatException(file + ": not an npz file, or damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new FormatException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return arrays;
    }

    private static Tensor array(Path file, ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = bounded(in);
            CRC32 sum = new CRC32();
            sum.update(bytes);
            if (sum.getValue() != entry.getCrc()) { // ZipFile does not look
                throw new FormatException("its check sum is %08x, but the archive says %08x: the file is damaged"
                        .formatted(sum.getValue(), entry.getCrc()));
            }
            return Npy.read(MemorySegment.ofArray(bytes));
        } catch (FormatException e) {
            throw new FormatException("%s: array \"%s\": %s".formatted(file, entry.getName(), e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw new FormatException(
                    "%s: array \"%s\" is larger than what Java can hold in one piece; save it as npy"
                            .formatted(file, entry.getName()),
                    e);
        }
    }

    /** A whole entry, but no more of it than its header asks for: a few bytes can unpack to any number. */
    private static byte[] bounded(InputStream in) throws IOException {
        byte[] first = in.readNBytes(NpyHeader.LONGEST);
        if (first.length < NpyHeader.LONGEST) {
            return first;
        }
        NpyHeader header = NpyHeader.parse(MemorySegment.ofArray(first));
        long rest = header.length() + header.size() * header.dtype().bytes() - first.length;
        if (rest >= Integer.MAX_VALUE - first.length) {
            throw new OutOfMemoryError();
        }
        byte[] others = in.readNBytes((int) Math.max(0, rest));
        if (rest < 0 || in.read() >= 0) {
            throw new FormatException("%s of shape %s ends, but its entry in the archive goes on: the file is damaged"
                    .formatted(header.descr(), Arrays.toString(header.shape())));
        }
        byte[] all = Arrays.copyOf(first, first.length + others.length);
        System.arraycopy(others, 0, all, first.length, others.length);
        return all;
    }

    /** Writes arrays by name, completely or not at all (see {@link AtomicFiles}). */
    public static void write(Path file, Map<String, Tensor> arrays) {
        AtomicFiles.write(file, channel -> {
            ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                entry.setTimeLocal(EPOCH); // as NumPy: equal arrays make equal files
                zip.putNextEntry(entry);
                WritableByteChannel inside = Channels.newChannel(zip);
                Npy.write(inside, array.getValue());
                zip.closeEntry();
            }
            zip.finish();
            zip.flush();
        });
    }
}
