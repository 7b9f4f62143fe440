package kawi.data;

import kawi.base.KawiException;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Grey images as inputs {@code f32[N, 1, height, width]}, normalised to (pixel/255 − mean)/deviation, with their classes
 * {@code i64[N]}.
 *
 * @param augmentation random changes, for training only; null for none
 */
public record ImageDataset(
        GreyImages images,
        float mean,
        float deviation,
        @Nullable Augmentation augmentation) implements Dataset {
    /** Checks the deviation. */
    public ImageDataset {
        if (!(deviation > 0)) {
            throw new KawiException("normalisation: the deviation must be above 0, but " + deviation + " was given");
        }
    }

    /** The same images, changed at random each time. */
    public ImageDataset augmented(double shift, double rotation) {
        return new ImageDataset(images, mean, deviation, new Augmentation(shift, rotation));
    }

    @Override
    public int size() {
        return images.count();
    }

    @Override
    public Batch batch(int[] indices, Key key) {
        int plane = images.height() * images.width();
        float[] x = new float[indices.length * plane];
        long[] y = new long[indices.length];
        for (int n = 0; n < indices.length; n++) {
            int from = indices[n] * plane;
            if (augmentation != null) {
                augmentation.apply(
                        images.pixels(), from, images.height(), images.width(), key.fold(indices[n]), x, n * plane);
            } else {
                for (int i = 0; i < plane; i++) {
                    x[n * plane + i] = images.pixels()[from + i] & 0xff;
                }
            }
            y[n] = images.labels()[indices[n]];
        }
        float scale = 1 / (255 * deviation);
        float offset = -mean / deviation;
        for (int i = 0; i < x.length; i++) {
            x[i] = x[i] * scale + offset;
        }
        return new Batch(Tensor.of(x, indices.length, 1, images.height(), images.width()), Tensor.of(y, y.length));
    }
}
