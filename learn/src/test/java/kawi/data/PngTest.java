package kawi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        // kind                                          argb      , luma
        BufferedImage.TYPE_INT_RGB + "                 , ffff0000  , 76",
        BufferedImage.TYPE_INT_RGB + "                 , ff00ff00  , 150",
        BufferedImage.TYPE_INT_RGB + "                 , ff0000ff  , 29",
        BufferedImage.TYPE_INT_RGB + "                 , ff808080  , 128",
        BufferedImage.TYPE_INT_ARGB + "                , 80ffffff  , 128",
        BufferedImage.TYPE_INT_ARGB + "                , 00ffffff  , 0",
        BufferedImage.TYPE_BYTE_BINARY + "             , ffffffff  , 255",
        BufferedImage.TYPE_BYTE_INDEXED + "            , ffffffff  , 255",
    })
    void coloursBecomeLuma(int type, String argb, int luma) throws IOException {
        BufferedImage image = new BufferedImage(3, 2, type);
        image.setRGB(2, 1, Integer.parseUnsignedInt(argb, 16));
        byte[] grey = Png.readGrey(write(image), 3, 2);
        assertThat(Byte.toUnsignedInt(grey[5])).isEqualTo(luma);
        assertThat(Arrays.copyOf(grey, 5)).containsOnly(0);
    }

    /** Grey samples must come through as they are, without a conversion between colour spaces. */
    @ParameterizedTest
    @CsvSource({"10, 1", "11, 257"}) // TYPE_BYTE_GRAY, TYPE_USHORT_GRAY
    void greyIsExact(int type, int factor) throws IOException {
        BufferedImage image = new BufferedImage(16, 16, type);
        byte[] expected = new byte[256];
        for (int i = 0; i < 256; i++) {
            image.getRaster().setSample(i % 16, i / 16, 0, i * factor);
            expected[i] = (byte) i;
        }
        Path file = write(image);
        assertThat(Png.readGrey(file, 16, 16)).isEqualTo(expected);
        assertThat(Png.readGreyFloats(file, 16, 16)[255]).isEqualTo(1f);
    }

    @Test
    void anotherSizeNamesBoth() throws IOException {
        Path file = write(new BufferedImage(32, 20, BufferedImage.TYPE_BYTE_GRAY));
        assertThatThrownBy(() -> Png.readGrey(file, 28, 28))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("32 × 20")
                .hasMessageContaining("28 × 28")
                .hasMessageContaining(file.toString());
    }

    @Test
    void notAnImage() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "hello");
        assertThatThrownBy(() -> Png.readGrey(text, 28, 28))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("not a PNG");
        Path empty = Files.createFile(folder.resolve("empty.png"));
        assertThatThrownBy(() -> Png.readGrey(empty, 28, 28))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> Png.readGrey(folder.resolve("absent.png"), 28, 28))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> Png.readGrey(folder, 28, 28))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("folder");
    }

    @Test
    void truncatedImage() throws IOException {
        BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        byte[] whole = Files.readAllBytes(write(image));
        for (int length : new int[] {8, 20, 33, 40, whole.length / 2}) {
            Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Png.readGrey(cut, 28, 28))
                    .as("length %d", length)
                    .isInstanceOf(DataException.class);
        }
    }

    private Path write(BufferedImage image) throws IOException {
        Path file = folder.resolve("image.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }
}
