package kawi.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the header of a safetensors file, believing nothing: every length and offset is checked before it is used. */
final class SafeTensorsHeader {
    static final String METADATA = "__metadata__";

    /** The format's own limit. */
    private static final long LONGEST = 100_000_000;

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private SafeTensorsHeader() {}

    private record Range(String name, String dtype, long[] shape, long begin, long end) {}

    static SafeTensors.Contents parse(MemorySegment file) {
        if (file.byteSize() < 8) {
            throw new FormatException(
                    "the file is %d bytes long, too short for a safetensors file; it was probably cut off"
                            .formatted(file.byteSize()));
        }
        long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (length < 2 || length > LONGEST) {
            throw new FormatException("not a safetensors file: its header would be %s bytes long (at most %d)"
                    .formatted(Long.toUnsignedString(length), LONGEST));
        }
        if (length > file.byteSize() - 8) {
            throw new FormatException("the file is truncated: the header is %d bytes long, but only %d follow"
                    .formatted(length, file.byteSize() - 8));
        }
        JsonNode root = json(file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE));
        MemorySegment data = file.asSlice(8 + length);

        Map<String, String> metadata = new TreeMap<>();
        List<Range> ranges = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                readMetadata(property.getValue(), metadata);
            } else {
                ranges.add(range(property.getKey(), property.getValue()));
            }
        }
        ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        return new SafeTensors.Contents(entries(ranges, data), metadata);
    }

    /** The arrays must cover the data from its first byte to its last, each beginning where the one before ends. */
    private static List<SafeTensors.Entry> entries(List<Range> ranges, MemorySegment data) {
        List<SafeTensors.Entry> entries = new ArrayList<>();
        long covered = 0;
        for (Range range : ranges) {
            if (range.end > data.byteSize()) {
                throw new FormatException(
                        "the file is truncated: tensor \"%s\" ends at byte %d of the data, but there are %d"
                                .formatted(range.name, range.end, data.byteSize()));
            }
            if (range.begin != covered) {
                throw new FormatException(
                        "tensor \"%s\" begins at byte %d of the data, but the one before ends at %d: they %s"
                                .formatted(
                                        range.name,
                                        range.begin,
                                        covered,
                                        range.begin < covered ? "overlap" : "leave a gap"));
            }
            covered = range.end;
            entries.add(new SafeTensors.Entry(
                    range.name, range.dtype, range.shape, data.asSlice(range.begin, range.end - range.begin)));
        }
        if (covered != data.byteSize()) {
            throw new FormatException("%d bytes follow after the last tensor: header and data do not agree"
                    .formatted(data.byteSize() - covered));
        }
        return entries;
    }

    private static JsonNode json(byte[] header) {
        JsonNode root;
        try {
            root = STRICT.readTree(header);
        } catch (JacksonException e) {
            throw new FormatException("the header is not valid JSON: " + e.getOriginalMessage(), e);
        }
        // The format wants the brace at once: leading white space would let one file have two readings.
        if (header[0] != '{' || !root.isObject()) {
            throw new FormatException("not a safetensors file: the header is no JSON object");
        }
        return root;
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata) {
        if (!node.isObject()) {
            throw new FormatException(METADATA + " must be an object of strings");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw new FormatException(
                        "%s: the value of \"%s\" is no string".formatted(METADATA, property.getKey()));
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
    }

    private static Range range(String name, JsonNode node) {
        JsonNode dtype = node.get("dtype");
        if (dtype == null || !dtype.isString() || node.size() != 3) {
            throw new FormatException("tensor \"%s\": the header must give dtype, shape and data_offsets, and gives %s"
                    .formatted(name, node));
        }
        String type = dtype.stringValue();
        if (!SafeTensors.BYTES.containsKey(type)) {
            throw new FormatException(
                    "tensor \"%s\" has dtype %s, which Kawi cannot read yet; convert the file to F32 first"
                            .formatted(name, type));
        }
        long[] shape = numbers(name, "shape", node.get("shape"));
        long[] offsets = numbers(name, "data_offsets", node.get("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw new FormatException("tensor \"%s\": data_offsets must be [begin, end] with begin ≤ end, and is %s"
                    .formatted(name, node.get("data_offsets")));
        }
        long expected = SafeTensors.byteSize(name, shape, SafeTensors.BYTES.getOrDefault(type, 0));
        if (expected != offsets[1] - offsets[0]) {
            throw new FormatException("tensor \"%s\": %s %s needs %d bytes, but data_offsets %s span %d"
                    .formatted(
                            name,
                            type,
                            node.get("shape"),
                            expected,
                            node.get("data_offsets"),
                            offsets[1] - offsets[0]));
        }
        return new Range(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] numbers(String name, String property, @Nullable JsonNode node) {
        if (node == null || !node.isArray() || !node.valueStream().allMatch(SafeTensorsHeader::isLength)) {
            throw new FormatException(
                    "tensor \"%s\": %s must be a list of whole numbers, and is %s".formatted(name, property, node));
        }
        return node.valueStream().mapToLong(JsonNode::longValue).toArray();
    }

    private static boolean isLength(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0;
    }
}
