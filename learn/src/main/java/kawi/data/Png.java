package kawi.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Reads PNG files as grey pixels. */
public final class Png {
    static {
        // No window system is needed to decode a file, nor files on disk as a cache.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
        ImageIO.setUseCache(false);
    }

    private Png() {}

    /**
     * The image as bytes, row after row, 0 (black) to 255 (white). Colours become their luma (0.299 red + 0.587 green + 0.114 blue);
     * what is transparent becomes black.
     *
     * @throws DataException if the file is absent, is no PNG image, or has another size
     */
    public static byte[] readGrey(Path file, int width, int height) {
        byte[] content = content(file);
        try (ImageInputStream in = ImageIO.createImageInputStream(new java.io.ByteArrayInputStream(content))) {
            ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
            try {
                reader.setInput(in, true, true);
                // The size is asked before anything is decoded: a file of a few bytes may claim to be enormous.
                if (reader.getWidth(0) != width || reader.getHeight(0) != height) {
                    throw new DataException(
                            "%s: the image is %d × %d pixels, but %d × %d are expected (width × height). Scale it first."
                                    .formatted(file, reader.getWidth(0), reader.getHeight(0), width, height));
                }
                return grey(reader.read(0));
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new DataException(file + ": damaged PNG image: " + e.getMessage(), e);
        }
    }

    /** {@link #readGrey} scaled to 0 … 1. */
    public static float[] readGreyFloats(Path file, int width, int height) {
        byte[] bytes = readGrey(file, width, height);
        float[] floats = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            floats[i] = Byte.toUnsignedInt(bytes[i]) / 255f;
        }
        return floats;
    }

    private static byte[] content(Path file) {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": cannot be read" + (Files.isDirectory(file) ? ": it is a folder" : ": " + e.getMessage()),
                    e);
        }
        boolean png = content.length >= 8
                && content[0] == (byte) 0x89
                && content[1] == 'P'
                && content[2] == 'N'
                && content[3] == 'G';
        if (!png) {
            throw new DataException(file + ": not a PNG image" + (content.length == 0 ? " (the file is empty)" : ""));
        }
        return content;
    }

    private static byte[] grey(BufferedImage image) {
        int width = image.getWidth();
        byte[] grey = new byte[width * image.getHeight()];
        Raster raster = image.getRaster();
        ColorModel colours = image.getColorModel();
        // Grey samples are taken as they are: getRGB would convert them from a linear grey scale.
        boolean greySamples = colours.getNumColorComponents() == 1 && !(colours instanceof IndexColorModel);
        int down = Math.max(0, colours.getComponentSize(0) - 8);
        for (int i = 0; i < grey.length; i++) {
            int x = i % width;
            int y = i / width;
            int luma;
            int alpha = 255;
            if (greySamples) {
                luma = raster.getSample(x, y, 0) >> down;
                if (colours.hasAlpha()) {
                    alpha = raster.getSample(x, y, 1) >> down;
                }
            } else {
                int argb = image.getRGB(x, y);
                alpha = argb >>> 24;
                luma = (299 * (argb >> 16 & 255) + 587 * (argb >> 8 & 255) + 114 * (argb & 255) + 500) / 1000;
            }
            grey[i] = (byte) ((luma * alpha + 127) / 255);
        }
        return grey;
    }
}
