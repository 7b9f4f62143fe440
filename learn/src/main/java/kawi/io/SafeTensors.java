package kawi.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The safetensors format of named arrays (github.com/huggingface/safetensors): the length of the header as 8 bytes little-endian, the
 * header as JSON (name → dtype, shape, data_offsets; {@code __metadata__} for strings), then the arrays, little-endian, without gaps.
 */
public final class SafeTensors {
    /** Bytes of an element by dtype, for those that Kawi has. */
    static final Map<String, Integer> BYTES = Map.of("F64", 8, "I64", 8, "F32", 4, "I32", 4, "U8", 1, "BOOL", 1);

    private static final JsonMapper JSON = JsonMapper.shared();

    private SafeTensors() {}

    /**
     * One named array.
     *
     * @param name such as {@code hidden.weight}
     * @param dtype one of F32, F64, I32, I64, U8, BOOL
     * @param shape length of each axis; empty for a scalar
     * @param data the elements, row-major, little-endian; not necessarily aligned to their size
     */
    public record Entry(String name, String dtype, long[] shape, MemorySegment data) {
        /** Checks that dtype, shape and data agree. */
        public Entry {
            Integer bytes = BYTES.get(dtype);
            if (bytes == null) {
                throw new FormatException(
                        "tensor \"%s\": dtype %s cannot be stored; possible are F32, F64, I32, I64, U8, BOOL"
                                .formatted(name, dtype));
            }
            long expected = byteSize(name, shape, bytes);
            if (data.byteSize() != expected) {
                throw new FormatException("tensor \"%s\": %s %s needs %d bytes, but has %d"
                        .formatted(name, dtype, Arrays.toString(shape), expected, data.byteSize()));
            }
        }
    }

    /**
     * What a file holds.
     *
     * @param entries in the order of their data
     * @param metadata free strings
     */
    public record Contents(List<Entry> entries, Map<String, String> metadata) {
        /** Keeps copies. */
        public Contents {
            entries = List.copyOf(entries);
            metadata = Map.copyOf(metadata);
        }

        /**
         * The array of that name.
         *
         * @throws FormatException if there is none
         */
        public Entry entry(String name) {
            return entries.stream()
                    .filter(entry -> entry.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> {
                        List<String> names = entries.stream().map(Entry::name).toList();
                        return new FormatException("there is no tensor \"%s\"; there are %s".formatted(name, names));
                    });
        }
    }

    /**
     * Reads a file. The data is mapped, not copied: it is fetched from the disk as it is touched, and stays readable when the file is
     * replaced by {@link AtomicFiles}.
     *
     * @throws FormatException if the file is absent, truncated or does not follow the format to the letter
     */
    public static Contents read(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return SafeTensorsHeader.parse(all);
        } catch (NoSuchFileException e) {
            throw new FormatException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new FormatException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (FormatException e) {
            throw new FormatException(file + ": " + e.getMessage(), e);
        }
    }

    /** Writes a file completely or not at all (see {@link AtomicFiles}). */
    public static void write(Path file, Collection<Entry> entries, Map<String, String> metadata) {
        AtomicFiles.write(file, content(entries, metadata));
    }

    /** The content of a file, to be written together with others by {@link AtomicFiles#writeAll}. */
    public static AtomicFiles.Content content(Collection<Entry> entries, Map<String, String> metadata) {
        // Wide elements first, as the published library does: every array is then aligned to its own element.
        List<Entry> ordered = entries.stream()
                .sorted(Comparator.comparingInt((Entry entry) -> -size(entry)).thenComparing(Entry::name))
                .toList();
        byte[] header = header(ordered, metadata);
        return channel -> {
            ByteBuffer length =
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
            AtomicFiles.writeFully(channel, length);
            AtomicFiles.writeFully(channel, ByteBuffer.wrap(header));
            for (Entry entry : ordered) {
                long chunk = 1 << 28; // a ByteBuffer spans less than 2 GiB
                for (long at = 0; at < entry.data().byteSize(); at += chunk) {
                    long n = Math.min(chunk, entry.data().byteSize() - at);
                    AtomicFiles.writeFully(channel, entry.data().asSlice(at, n).asByteBuffer());
                }
            }
        };
    }

    private static byte[] header(List<Entry> ordered, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode strings = root.putObject(SafeTensorsHeader.METADATA);
            metadata.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> strings.put(entry.getKey(), entry.getValue()));
        }
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (Entry entry : ordered) {
            if (!names.add(entry.name()) || entry.name().equals(SafeTensorsHeader.METADATA)) {
                throw new FormatException(
                        "two tensors are called \"%s\", or the name is reserved".formatted(entry.name()));
            }
            ObjectNode node = root.putObject(entry.name());
            node.put("dtype", entry.dtype());
            ArrayNode shape = node.putArray("shape");
            Arrays.stream(entry.shape()).forEach(shape::add);
            node.putArray("data_offsets").add(offset).add(offset += entry.data().byteSize());
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        // Spaces up to a multiple of 8, so that the data is aligned in a mapped file.
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static int size(Entry entry) {
        Integer bytes = BYTES.get(entry.dtype());
        return bytes == null ? 0 : bytes;
    }

    static long byteSize(String name, long[] shape, int bytes) {
        try {
            long size = bytes;
            for (long length : shape) {
                if (length < 0) {
                    throw new FormatException(
                            "tensor \"%s\": negative length in the shape %s".formatted(name, Arrays.toString(shape)));
                }
                size = Math.multiplyExact(size, length);
            }
            return size;
        } catch (ArithmeticException e) {
            throw new FormatException(
                    "tensor \"%s\": the shape %s is too large".formatted(name, Arrays.toString(shape)), e);
        }
    }
}
