package kawi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.data.RealData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"F32, 4", "F64, 8", "I32, 4", "I64, 8", "U8, 1", "BOOL, 1"})
    void whatIsWrittenIsRead(String dtype, int bytes) {
        List<SafeTensors.Entry> entries = new ArrayList<>();
        for (long[] shape : new long[][] {{}, {0}, {1}, {7}, {3, 5}, {2, 0, 4}, {2, 3, 1, 5}}) {
            long count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            byte[] data = new byte[(int) count * bytes];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) (31 * i + shape.length);
            }
            entries.add(new SafeTensors.Entry("t" + entries.size(), dtype, shape, MemorySegment.ofArray(data)));
        }
        Path file = folder.resolve("x.safetensors");
        SafeTensors.write(file, entries, Map.of("format", "kawi", "quote", "\"é\n"));

        SafeTensors.Contents read = SafeTensors.read(file);
        assertThat(read.metadata()).containsOnly(Map.entry("format", "kawi"), Map.entry("quote", "\"é\n"));
        assertThat(read.entries()).hasSameSizeAs(entries);
        for (SafeTensors.Entry entry : entries) {
            SafeTensors.Entry found = read.entry(entry.name());
            assertThat(found.dtype()).isEqualTo(dtype);
            assertThat(found.shape()).isEqualTo(entry.shape());
            assertThat(found.data().mismatch(entry.data())).isEqualTo(-1);
        }
    }

    @Test
    void offHeapDataAndNoTensorAtAll() {
        MemorySegment segment = Arena.ofAuto().allocate(12, 64);
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, 2, -1.5f);
        Path file = folder.resolve("x.safetensors");
        SafeTensors.write(file, List.of(new SafeTensors.Entry("w", "F32", new long[] {3}, segment)), Map.of());
        assertThat(SafeTensors.read(file).entry("w").data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 8))
                .isEqualTo(-1.5f);
        SafeTensors.write(file, List.of(), Map.of());
        assertThat(SafeTensors.read(file).entries()).isEmpty();
    }

    /** A parser of its own, by the published description, sees the same arrays; each is aligned to its elements. */
    @Test
    void theBytesFollowThePublishedFormat() throws IOException {
        Path file = folder.resolve("x.safetensors");
        SafeTensors.Entry odd =
                new SafeTensors.Entry("a", "U8", new long[] {3}, MemorySegment.ofArray(new byte[] {1, 2, 3}));
        SafeTensors.Entry wide = new SafeTensors.Entry("b", "I64", new long[] {2}, MemorySegment.ofArray(new byte[] {
            1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0
        }));
        SafeTensors.write(file, List.of(odd, wide), Map.of());
        Map<String, byte[]> arrays = independentlyRead(file);
        assertThat(arrays.get("a U8 [3]")).containsExactly(1, 2, 3);
        assertThat(ByteBuffer.wrap(arrays.get("b I64 [2]"))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong(8))
                .isEqualTo(2);
        byte[] all = Files.readAllBytes(file);
        assertThat(all[0] % 8).as("length of the header").isZero();
        assertThat(all[8]).isEqualTo((byte) '{');
    }

    @Test
    void aFileWrittenElsewhere() throws IOException {
        Path file = RealData.path("model-files/mnist.safetensors");
        SafeTensors.Contents read = SafeTensors.read(file);
        Map<String, byte[]> arrays = independentlyRead(file);
        assertThat(read.entries()).hasSameSizeAs(arrays.entrySet()).isNotEmpty();
        for (SafeTensors.Entry entry : read.entries()) {
            String key = entry.name() + " " + entry.dtype() + " "
                    + Arrays.toString(entry.shape()).replace(" ", "");
            assertThat(entry.data().mismatch(MemorySegment.ofArray(arrays.get(key))))
                    .as(key)
                    .isEqualTo(-1);
        }
        Path copy = folder.resolve("copy.safetensors");
        SafeTensors.write(copy, read.entries(), read.metadata());
        assertThat(independentlyRead(copy)).containsOnlyKeys(arrays.keySet());
    }

    private static final String GOOD = "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";

    @ParameterizedTest(name = "{2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}  | 7 | truncated: tensor "a" ends at byte 8 of the data, but there are 7
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}  | 9 | 1 bytes follow
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} | 12 | leave a gap
        {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}} | 6 | overlap
        {'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}  | 8 | needs 12 bytes, but data_offsets [0,8] span 8
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}  | 8 | begin ≤ end
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}} | 8 | whole numbers
        {'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}    | 8 | begin ≤ end
        {'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}} | 8 | whole numbers
        {'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}} | 8 | whole numbers
        {'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}} | 8 | too large
        {'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}    | 8 | whole numbers
        {'a':{'dtype':'BF16','shape':[4],'data_offsets':[0,8]}} | 8 | dtype BF16, which Kawi cannot read yet
        {'a':{'dtype':'F16','shape':[4],'data_offsets':[0,8]}}  | 8 | dtype F16, which Kawi cannot read yet
        {'a':{'dtype':'X','shape':[2],'data_offsets':[0,8]}}    | 8 | dtype X
        {'a':{'shape':[2],'data_offsets':[0,8]}}                | 8 | must give dtype
        {'a':3}                                                 | 8 | must give dtype
        {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'a':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}} | 8 | Duplicate
        {'__metadata__':{'x':1}}                                | 0 | is no string
        {'__metadata__':[]}                                     | 0 | must be an object
        {'a':                                                   | 8 | not valid JSON
        {} x                                                    | 0 | not valid JSON
        [1]                                                     | 0 | no JSON object
        """)
    void malformedFilesAreNamedWithTheReason(String header, int dataBytes, String message) throws IOException {
        Path file = write(header.replace('\'', '"'), dataBytes);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
    }

    @Test
    void truncatedAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(write(GOOD.replace('\'', '"'), 8));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SafeTensors.read(cut))
                    .as("length %d", length)
                    .isInstanceOf(FormatException.class);
        }
    }

    @Test
    void headerTooLongAndOtherFiles() throws IOException {
        ByteBuffer huge = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001);
        Path file = Files.write(folder.resolve("huge"), huge.array());
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("at most");
        Path text = Files.writeString(folder.resolve("text"), "this is no file of weights");
        assertThatThrownBy(() -> SafeTensors.read(text))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("not a safetensors");
        assertThatThrownBy(() -> SafeTensors.read(folder.resolve("absent")))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafeTensors.read(folder)).isInstanceOf(FormatException.class);
    }

    @Test
    void wrongEntriesAreRefusedBeforeAnythingIsWritten() {
        MemorySegment four = MemorySegment.ofArray(new byte[4]);
        assertThatThrownBy(() -> new SafeTensors.Entry("w", "F32", new long[] {2}, four))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("needs 8 bytes, but has 4");
        assertThatThrownBy(() -> new SafeTensors.Entry("w", "F16", new long[] {2}, four))
                .isInstanceOf(FormatException.class);
        SafeTensors.Entry entry = new SafeTensors.Entry("w", "F32", new long[] {1}, four);
        Path file = folder.resolve("x");
        assertThatThrownBy(() -> SafeTensors.write(file, List.of(entry, entry), Map.of()))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("two tensors are called \"w\"");
        assertThat(file).doesNotExist();
    }

    private Path write(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("bad"), bytes.array());
    }

    /** name dtype shape → bytes, by a regular expression instead of a JSON library. */
    private static Map<String, byte[]> independentlyRead(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(all, 8, length, StandardCharsets.UTF_8).replace(" ", "");
        Matcher tensors = Pattern.compile("\"([^\"]+)\":\\{([^{}]*\"data_offsets\"[^{}]*)}")
                .matcher(header);
        Map<String, byte[]> arrays = new HashMap<>();
        while (tensors.find()) {
            String body = tensors.group(2);
            String[] offsets = first(body, "\"data_offsets\":\\[([0-9,]+)]").split(",", -1);
            String key = tensors.group(1) + " " + first(body, "\"dtype\":\"(\\w+)\"") + " ["
                    + first(body, "\"shape\":\\[([0-9,]*)]") + "]";
            int base = 8 + length;
            arrays.put(
                    key,
                    Arrays.copyOfRange(all, base + Integer.parseInt(offsets[0]), base + Integer.parseInt(offsets[1])));
        }
        return arrays;
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
