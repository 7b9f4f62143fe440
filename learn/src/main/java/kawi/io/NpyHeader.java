package kawi.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;

/**
 * The header of an {@code .npy} file: the bytes {@code \x93NUMPY}, two of version, the length (2 bytes in version 1, then 4), and a Python
 * dictionary such as {@code {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }} (NEP 1). Nothing of it is believed
 * unchecked.
 *
 * @param length bytes before the array
 */
record NpyHeader(String descr, DType dtype, boolean fortran, int[] shape, long length) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** Bytes that a header takes at most. */
    static final int LONGEST = 1 << 20;

    /** One entry of the dictionary, with a comma or the closing brace after it. */
    private static final Pattern ENTRY = Pattern.compile("\\s*(['\"])(\\w+)\\1\\s*:\\s*("
            + "(['\"])[^'\"]*\\4|True|False|\\([\\s\\dL,]*\\)|\\[.*\\])\\s*(,\\s*(?=\\S)|(?=\\}))");

    private static final Map<String, DType> TYPES = Map.of(
            "b1", DType.BOOL,
            "u1", DType.U8,
            "i4", DType.I32,
            "i8", DType.I64,
            "f2", DType.F16,
            "f4", DType.F32,
            "f8", DType.F64);

    long size() {
        return Shape.of(shape).size();
    }

    static NpyHeader parse(MemorySegment file) {
        if (file.byteSize() < 10
                || !Arrays.equals(file.asSlice(0, MAGIC.length).toArray(ValueLayout.JAVA_BYTE), MAGIC)) {
            throw new FormatException("not an npy file: it does not begin with \\x93NUMPY");
        }
        int major = file.get(ValueLayout.JAVA_BYTE, 6);
        int minor = file.get(ValueLayout.JAVA_BYTE, 7);
        if (major < 1 || major > 3 || minor != 0) {
            throw new FormatException(
                    "npy version %d.%d is not known; versions 1.0, 2.0 and 3.0 are".formatted(major, minor));
        }
        int start = major == 1 ? 10 : 12;
        if (file.byteSize() < start) {
            throw new FormatException("the file is truncated within its header");
        }
        long length = major == 1
                ? Short.toUnsignedLong(file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8))
                : Integer.toUnsignedLong(
                        file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8));
        if (length > file.byteSize() - start || length > LONGEST - start) {
            throw new FormatException(
                    "the header would be %d bytes long, but %d follow: the file is truncated or damaged"
                            .formatted(length, file.byteSize() - start));
        }
        Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String text = new String(file.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE), charset).strip();
        return of(text, start + length);
    }

    private static NpyHeader of(String text, long length) {
        Map<String, String> entries = new TreeMap<>();
        if (!text.startsWith("{") || !text.endsWith("}")) {
            throw new FormatException("the header is no Python dictionary: " + text);
        }
        Matcher m = ENTRY.matcher(text).region(1, text.length());
        int at = 1;
        while (m.lookingAt()) {
            if (entries.put(m.group(2), m.group(3)) != null) {
                throw new FormatException("the header names '%s' twice: %s".formatted(m.group(2), text));
            }
            at = m.end();
            m.region(at, text.length());
        }
        String descr = entries.get("descr");
        String fortran = entries.get("fortran_order");
        String shape = entries.get("shape");
        if (at != text.length() - 1
                || entries.size() != 3
                || descr == null
                || fortran == null
                || shape == null
                || !shape.startsWith("(")
                || !fortran.matches("True|False")) {
            throw new FormatException("the header must give 'descr', 'fortran_order' and 'shape', and is " + text);
        }
        return new NpyHeader(descr, type(descr), fortran.equals("True"), extents(shape), length);
    }

    private static DType type(String quoted) {
        String descr = quoted.substring(1, quoted.length() - 1);
        boolean plain = descr.length() == 3 && "<>|=".indexOf(descr.charAt(0)) >= 0 && !quoted.startsWith("[");
        DType type = plain ? TYPES.get(descr.substring(1)) : null;
        if (type == null || descr.charAt(0) == '|' && type.bytes() > 1) {
            throw new FormatException(
                    ("element type %s (%s) is not one of Kawi's: bool, uint8, int32, int64, float16, float32, float64;"
                                    + " convert the array with .astype(...) before saving it")
                            .formatted(quoted, kind(descr)));
        }
        return type;
    }

    /** What an unknown element type is, in words. */
    private static String kind(String descr) {
        String rest = descr.replaceFirst("^[<>|=]", "");
        if (rest.isEmpty() || descr.startsWith("(")) {
            return "records";
        }
        return switch (rest.charAt(0)) {
            case 'i' -> "signed integers of " + rest.substring(1) + " bytes";
            case 'u' -> "unsigned integers of " + rest.substring(1) + " bytes";
            case 'f' -> "floating-point numbers of " + rest.substring(1) + " bytes";
            case 'c' -> "complex numbers";
            case 'O' -> "Python objects, which are not read from files";
            case 'S', 'U', 'a' -> "text";
            case 'M', 'm' -> "times";
            default -> "records or raw bytes";
        };
    }

    private static int[] extents(String tuple) {
        String inner = tuple.substring(1, tuple.length() - 1).replace("L", "").strip();
        if (inner.isEmpty()) {
            return new int[0];
        }
        if (!inner.matches("\\d+\\s*(,\\s*\\d+\\s*)*+,?") || !inner.contains(",")) {
            throw new FormatException("the shape %s is no tuple of whole numbers".formatted(tuple));
        }
        try {
            int[] shape = Arrays.stream(inner.split(","))
                    .map(String::strip)
                    .mapToInt(Integer::parseInt)
                    .toArray();
            return Shape.of(shape).dims(); // whose elements can be counted
        } catch (NumberFormatException | KawiException e) {
            throw new FormatException("the shape %s is too large".formatted(tuple), e);
        }
    }

    /** The elements in the byte order of this machine. */
    MemorySegment inNativeOrder(MemorySegment data) {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        boolean same = descr.charAt(1) != (little ? '>' : '<') || dtype.bytes() == 1;
        MemorySegment ordered = same ? data : swapped(data, dtype.bytes());
        if (dtype == DType.BOOL) { // any byte that is not 0 is true, ours is 1
            byte[] truth = ordered.toArray(ValueLayout.JAVA_BYTE);
            IntStream.range(0, truth.length).forEach(i -> truth[i] = (byte) (truth[i] != 0 ? 1 : 0));
            return MemorySegment.ofArray(truth);
        }
        return ordered;
    }

    static MemorySegment swapped(MemorySegment data, int bytes) {
        MemorySegment out =
                Arena.ofAuto().allocate(Math.max(1, data.byteSize()), 8).asSlice(0, data.byteSize());
        for (long at = 0; at < data.byteSize(); at += bytes) {
            for (int i = 0; i < bytes; i++) {
                out.set(ValueLayout.JAVA_BYTE, at + i, data.get(ValueLayout.JAVA_BYTE, at + bytes - 1 - i));
            }
        }
        return out;
    }

    /** A header of version 1, filled with blanks so that the array begins at a multiple of 64. */
    static byte[] bytes(DType type, int[] shape) {
        String tuple = Arrays.stream(shape)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "(", shape.length == 1 ? ",)" : ")"));
        String text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(Npy.descr(type), tuple);
        int growth = shape.length == 0 ? 0 : 21 - Integer.toString(shape[0]).length(); // as NumPy, for arrays that grow
        int total = Math.ceilDiv(10 + text.length() + growth + 1, 64) * 64;
        byte[] header = new byte[total];
        Arrays.fill(header, (byte) ' ');
        System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
        header[6] = 1;
        header[7] = 0;
        header[8] = (byte) (total - 10);
        header[9] = (byte) (total - 10 >>> 8);
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, 10, text.length());
        header[total - 1] = '\n';
        return header;
    }
}
