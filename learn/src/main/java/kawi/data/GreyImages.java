package kawi.data;

import java.util.Arrays;

/**
 * Grey images of one size with a label each, as bytes: what the IDX files of MNIST hold. The arrays are handed over, not copied.
 *
 * @param height rows of an image
 * @param width columns of an image
 * @param classes labels lie in 0 … classes − 1
 * @param pixels image after image, row after row, 0 (black) to 255 (white): count · height · width bytes
 * @param labels the class of each image: count bytes
 */
public record GreyImages(int height, int width, int classes, byte[] pixels, byte[] labels) {
    /** Checks sizes and labels. */
    public GreyImages {
        long expected = (long) labels.length * height * width;
        if (pixels.length != expected) {
            throw new DataException("%d images of %d × %d need %d pixels, but there are %d"
                    .formatted(labels.length, height, width, expected, pixels.length));
        }
        for (int i = 0; i < labels.length; i++) {
            if (Byte.toUnsignedInt(labels[i]) >= classes) {
                throw new DataException("label %d of image %d is out of range: there are %d classes, 0 … %d"
                        .formatted(Byte.toUnsignedInt(labels[i]), i, classes, classes - 1));
            }
        }
    }

    /** Number of images. */
    public int count() {
        return labels.length;
    }

    /** Images {@code from} to {@code to − 1}. */
    public GreyImages range(int from, int to) {
        int plane = height * width;
        return new GreyImages(
                height,
                width,
                classes,
                Arrays.copyOfRange(pixels, from * plane, to * plane),
                Arrays.copyOfRange(labels, from, to));
    }
}
