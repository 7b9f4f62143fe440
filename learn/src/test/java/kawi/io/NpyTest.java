package kawi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that NumPy wrote (learn/src/test/python/npy.py) read, and the same written byte for byte. */
class NpyTest {
    @TempDir
    Path folder;

    private static Path file(String name) throws URISyntaxException {
        return Path.of(NpyTest.class.getResource("npy/" + name).toURI());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            c-bool   | bool[2, 3]
            c-u1     | u8[2, 3]
            c-i4     | i32[2, 3]
            c-i8     | i64[2, 3]
            c-f2     | f16[2, 3]
            c-f4     | f32[2, 3]
            c-f8     | f64[2, 3]
            scalar   | f32[]
            empty    | f32[0, 3]
            vector   | i64[5]
            fortran  | f32[2, 3, 4]
            big-f8   | f64[2, 3]
            big-i4   | i32[3, 2]
            version2 | f32[2, 3]
            version3 | f32[2, 3]
            """)
    void readsAndWrites(String name, String type) throws Exception {
        Tensor x = Npy.read(file(name + ".npy"));
        assertThat(x.dtype() + x.shape().toString()).isEqualTo(type);
        int n = (int) x.size();
        assertThat(x.toDoubleArray())
                .isEqualTo(IntStream.range(0, n)
                        .mapToDouble(i -> x.dtype() == DType.BOOL ? Math.min(1, i) : i)
                        .toArray());
        Path written = folder.resolve("written.npy");
        Npy.write(written, x);
        if (name.startsWith("c-") || n < 6) { // C order, little-endian, version 1, as we write
            assertThat(written).hasSameBinaryContentAs(file(name + ".npy"));
        }
        assertThat(Npy.read(written).allEqual(x)).isTrue();
    }

    @Test
    void refusesWhatNumPyDoesNotHave() {
        Path file = folder.resolve("written.npy");
        assertThatThrownBy(() -> Npy.write(file, Tensor.ones(DType.BF16, 2)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("bf16")
                .hasMessageContaining(".to(DType.F32)");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            no-c16    | '<c16' (complex numbers)
            no-i2     | '<i2' (signed integers of 2 bytes)
            no-u4     | '<u4' (unsigned integers of 4 bytes)
            no-f16    | '<f16' (floating-point numbers of 16 bytes)
            no-text   | '<U3' (text)
            no-times  | '<M8[s]' (times)
            no-object | "'|O' (Python objects, which are not read from files)"
            no-record | (records
            """)
    void namesTypesThatItDoesNotHave(String name, String what) {
        assertThatThrownBy(() -> Npy.read(file(name + ".npy")))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(name + ".npy: element type")
                .hasMessageContaining(what);
    }

    /** Every file cut off after every byte, and with every byte of its header changed: an error, or an array. */
    @Test
    void damagedFiles() throws Exception {
        byte[] whole = Files.readAllBytes(file("c-f4.npy"));
        Path damaged = folder.resolve("damaged.npy");
        for (int length = 0; length < whole.length; length++) {
            Files.write(damaged, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Npy.read(damaged)).isInstanceOf(FormatException.class);
        }
        for (int i = 0; i < 80; i++) {
            for (int change : new int[] {1, 16, 128}) {
                byte[] other = whole.clone();
                other[i] ^= (byte) change;
                Files.write(damaged, other);
                try {
                    assertThat(Npy.read(damaged).size()).isEqualTo(6);
                } catch (FormatException e) {
                    assertThat(e).hasMessageContaining("damaged.npy: ");
                }
            }
        }
        Files.write(damaged, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> Npy.read(damaged))
                .hasMessageContaining("takes 24 bytes, but 25 follow the header: there is something after the array");
    }

    private Path header(String dictionary) throws IOException {
        Path file = folder.resolve("header.npy");
        byte[] text = dictionary.getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[10 + text.length];
        System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0}, 0, all, 0, 10);
        System.arraycopy(text, 0, all, 10, text.length);
        Files.write(file, all);
        return file;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'descr': '<f4', 'fortran_order': False}                                   | the header must give
            {'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'more': True}      | the header must give
            {'descr': '<f4', 'fortran_order': 0, 'shape': (0,)}                        | the header must give
            {'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'shape': (0,)}     | names 'shape' twice
            {'descr': '<f4', 'fortran_order': False, 'shape': (1)}                     | is no tuple of whole numbers
            {'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999, 99999, 99999)} | is too large
            {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}          | is too large
            {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}                    | takes 12 bytes, but 0 follow the header: the file is truncated
            ['descr', 1]                                                               | is no Python dictionary
            """)
    void badHeaders(String dictionary, String why) throws IOException {
        Path file = header(dictionary);
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(why);
    }

    /** In a header of version 2, which may be a mebibyte. */
    @Test
    void manyAxes() throws IOException {
        String shape = "1,".repeat(30_000);
        byte[] text = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s)}"
                .formatted(shape)
                .getBytes(StandardCharsets.ISO_8859_1);
        var bytes = ByteBuffer.allocate(12 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0}).putInt(text.length);
        Path file = folder.resolve("axes.npy");
        Files.write(file, bytes.put(text).array());
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("takes 4 bytes, but 0 follow the header");
    }

    /** A few bytes that unpack to more than their header says are not unpacked. */
    @Test
    void archivesThatGoOn() throws Exception {
        Path bomb = folder.resolve("bomb.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bomb))) {
            zip.putNextEntry(new ZipEntry("a.npy"));
            zip.write(NpyHeader.bytes(DType.F64, new int[] {3}));
            for (int i = 0; i < 64; i++) {
                zip.write(new byte[1 << 20]);
            }
        }
        assertThatThrownBy(() -> Npz.read(bomb))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("bomb.npz: array \"a.npy\": '<f8' of shape [3] ends, but its entry");
        Tensor large = Tensor.arange(200_000); // more than what is read for the header
        Path fine = folder.resolve("large.npz");
        Npz.write(fine, Map.of("a", large));
        assertThat(Npz.read(fine).get("a").allEqual(large)).isTrue();
    }

    @Test
    void archives() throws Exception {
        Map<String, Tensor> plain = Npz.read(file("plain.npz"));
        assertThat(plain.keySet()).containsExactlyInAnyOrder("weight", "bias", "arr_0");
        assertThat(plain.get("weight").toString()).isEqualTo("[[0.0, 1.0, 2.0],\n [3.0, 4.0, 5.0]]  f32[2, 3]");
        assertThat(Npz.read(file("compressed.npz")).get("bias").toDoubleArray()).containsExactly(0, 1, 2);
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("b", Tensor.arange(6).reshape(2, 3).t());
        arrays.put("a/ä", Tensor.of(new boolean[] {true, false}));
        Path written = folder.resolve("written.npz");
        Npz.write(written, arrays);
        Map<String, Tensor> read = Npz.read(written);
        assertThat(read.keySet()).containsExactly("b", "a/ä");
        arrays.forEach(
                (name, array) -> assertThat(read.get(name).allEqual(array)).isTrue());
        byte[] first = Files.readAllBytes(written);
        Npz.write(written, arrays);
        assertThat(Files.readAllBytes(written)).isEqualTo(first);

        Path broken = folder.resolve("broken.npz");
        Files.write(broken, Arrays.copyOf(first, first.length - 30));
        assertThatThrownBy(() -> Npz.read(broken))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("broken.npz");
        Npz.write(broken, Map.of("ones", Tensor.ones(4000)));
        byte[] flipped = Files.readAllBytes(broken);
        int found = 0;
        for (int i = 0; i < flipped.length; i++) {
            flipped[i] ^= 4;
            Files.write(broken, flipped);
            flipped[i] ^= 4;
            try {
                assertThat(Npz.read(broken).values().iterator().next().allEqual(Tensor.ones(4000)))
                        .isTrue();
            } catch (FormatException e) { // a byte that matters
                found++;
            }
        }
        assertThat(found).isPositive();
        assertThatThrownBy(() -> Npz.read(folder.resolve("none.npz"))).hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> Npy.read(folder.resolve("none.npy"))).hasMessageContaining("there is no such file");
    }
}
