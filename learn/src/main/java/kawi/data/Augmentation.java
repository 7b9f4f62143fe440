package kawi.data;

import kawi.base.KawiException;
import kawi.tensor.Key;

/**
 * Random changes of training images: each image is turned about its middle and shifted, both uniformly at random, and
 * read with bilinear interpolation; outside of the image it is black.
 *
 * @param shift largest shift along each axis in pixels
 * @param rotation largest rotation in degrees
 */
public record Augmentation(double shift, double rotation) {
    /** Checks that both are not negative. */
    public Augmentation {
        if (!(shift >= 0) || !(rotation >= 0)) {
            throw new KawiException(
                    "augmentation: shift and rotation start at 0, but %s and %s were given".formatted(shift, rotation));
        }
    }

    /** Writes the changed image; the change depends on the key alone. */
    void apply(byte[] pixels, int from, int height, int width, Key key, float[] target, int to) {
        // A rotation by a small random angle; StrictMath gives the same bits on every machine.
        double angle = StrictMath.toRadians(rotation) * signed(key.fold(0));
        double sin = StrictMath.sin(angle);
        double cos = StrictMath.cos(angle);
        double dx = shift * signed(key.fold(1));
        double dy = shift * signed(key.fold(2));
        double midX = (width - 1) / 2.0;
        double midY = (height - 1) / 2.0;
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                double x = cos * (j - midX) + sin * (i - midY) + midX + dx;
                double y = cos * (i - midY) - sin * (j - midX) + midY + dy;
                int x0 = (int) Math.floor(x);
                int y0 = (int) Math.floor(y);
                double u = x - x0;
                double v = y - y0;
                double top = pixel(pixels, from, height, width, y0, x0) * (1 - u)
                        + pixel(pixels, from, height, width, y0, x0 + 1) * u;
                double low = pixel(pixels, from, height, width, y0 + 1, x0) * (1 - u)
                        + pixel(pixels, from, height, width, y0 + 1, x0 + 1) * u;
                target[to++] = (float) (top * (1 - v) + low * v);
            }
        }
    }

    private static double signed(Key key) {
        return key.k0() * 0x1p-31;
    }

    private static int pixel(byte[] pixels, int from, int height, int width, int y, int x) {
        return y < 0 || y >= height || x < 0 || x >= width ? 0 : pixels[from + y * width + x] & 0xff;
    }
}
