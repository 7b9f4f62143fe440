package kawi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxTest {
    /** Two images of 2 × 3 pixels, and their labels. */
    private static final String IMAGES = "00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff";

    private static final String LABELS = "00000801 00000002 0709";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "true, true"})
    void imagesAndLabelsPlainOrPacked(boolean packImages, boolean packLabels) throws IOException {
        GreyImages images =
                Idx.images(file("images", hex(IMAGES), packImages), file("labels", hex(LABELS), packLabels), 10);
        assertThat(images.count()).isEqualTo(2);
        assertThat(images.height()).isEqualTo(2);
        assertThat(images.width()).isEqualTo(3);
        assertThat(images.pixels()).isEqualTo(hex("000102030405 fafbfcfdfeff"));
        assertThat(images.labels()).containsExactly(7, 9);
    }

    @ParameterizedTest
    @CsvSource({
        "00000901 00000002 7f80                                     , I8 , 0 , 127",
        "00000b01 00000001 fffe                                     , I16, 0 , -2",
        "00000c01 00000001 fffffffe                                 , I32, 0 , -2",
        "00000d02 00000001 00000002 3f800000 c0000000               , F32, 1 , -2",
        "00000e01 00000002 3ff0000000000000 c000000000000000        , F64, 1 , -2",
    })
    void otherElementTypes(String content, Idx.Type type, int index, double expected) throws IOException {
        Idx idx = Idx.read(file("x", hex(content), false));
        assertThat(idx.type()).isEqualTo(type);
        double found = switch (type) {
            case U8, I8 -> idx.data().get(index);
            case I16 -> idx.data().getShort(2 * index);
            case I32 -> idx.data().getInt(4 * index);
            case F32 -> idx.data().getFloat(4 * index);
            case F64 -> idx.data().getDouble(8 * index);
        };
        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(delimiter = '|', textBlock = """
        89504e47 0d0a1a0a                                           | 00000801 00000002 0709     | not an IDX file
        00000803 00000002                                           | 00000801 00000002 0709     | ends too early
        00000f03 00000002 00000002 00000003 000102030405 fafbfcfdfeff | 00000801 00000002 0709   | element type 0x0f
        00000803 00000002 00000002 00000003 000102030405 fafbfcfdfe | 00000801 00000002 0709     | that is 12 bytes, but the file holds 11
        00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff00 | 00000801 00000002 0709 | but more follow
        00000803 7fffffff 7fffffff 00000003 00                      | 00000801 00000002 0709     | the header is damaged
        00000803 00000002 ffffffff 00000003 00                      | 00000801 00000002 0709     | axis 1 of the IDX header has length 4294967295
        00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff | 00000801 00000003 070900 | 2 images, but
        00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff | 00000801 00000002 070a   | label 10 at position 1 is out of range: there are 10 classes
        00000801 00000002 0709                                      | 00000801 00000002 0709     | were two files exchanged?
        00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff | 00000c01 00000001 00000000 | found I32 of shape [1]
        """)
    void malformedFilesAreNamedWithTheReason(String images, String labels, String message) throws IOException {
        Path imageFile = file("images", hex(images), false);
        Path labelFile = file("labels", hex(labels), true);
        assertThatThrownBy(() -> Idx.images(imageFile, labelFile, 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(folder.toString());
    }

    /** Cut anywhere, a packed file is an error, never data. */
    @Test
    void truncatedGzip() throws IOException {
        byte[] whole = Files.readAllBytes(file("whole", hex(IMAGES), true));
        for (int length = 0; length < whole.length; length++) {
            Path cut = folder.resolve("cut");
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Idx.read(cut)).as("length %d", length).isInstanceOf(DataException.class);
        }
    }

    @Test
    void damagedGzipAndAbsentFile() throws IOException {
        byte[] packed = Files.readAllBytes(file("whole", hex(IMAGES), true));
        packed[packed.length - 6] ^= 1; // the checksum
        Path damaged = folder.resolve("damaged");
        Files.write(damaged, packed);
        assertThatThrownBy(() -> Idx.read(damaged))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("damaged gzip");
        assertThatThrownBy(() -> Idx.read(folder.resolve("absent")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void theRealMnist() {
        Path mnist = RealData.path("mnist");
        GreyImages train = Mnist.train(mnist);
        GreyImages test = Mnist.test(mnist);
        assertThat(train.count()).isEqualTo(60_000);
        assertThat(test.count()).isEqualTo(10_000);
        double sum = 0;
        double squares = 0;
        for (byte pixel : train.pixels()) {
            double value = Byte.toUnsignedInt(pixel) / 255.0;
            sum += value;
            squares += value * value;
        }
        double mean = sum / train.pixels().length;
        assertThat(mean).isEqualTo(Mnist.MEAN, org.assertj.core.data.Offset.offset(5e-5));
        assertThat(Math.sqrt(squares / train.pixels().length - mean * mean))
                .isEqualTo(Mnist.DEVIATION, org.assertj.core.data.Offset.offset(5e-5));
        assertThat(Arrays.copyOf(train.labels(), 10)).containsExactly(5, 0, 4, 1, 9, 2, 1, 3, 1, 4);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private Path file(String name, byte[] content, boolean pack) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (pack) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(content);
            }
        } else {
            bytes.write(content);
        }
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }
}
