package kawi.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * MNIST: 60,000 + 10,000 handwritten digits, grey 28 × 28 (LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to
 * Document Recognition", 1998).
 */
public final class Mnist {
    /** Mean of the training pixels, scaled to 0 … 1. */
    public static final float MEAN = 0.1307f;

    /** Standard deviation of the training pixels, scaled to 0 … 1. */
    public static final float DEVIATION = 0.3081f;

    /** The four files and where the public has them. */
    public static final DataSource SOURCE = new DataSource(
            "mnist",
            List.of(
                    new DataSource.RemoteFile(
                            "train-images-idx3-ubyte.gz",
                            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                    new DataSource.RemoteFile(
                            "train-labels-idx1-ubyte.gz",
                            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                    new DataSource.RemoteFile(
                            "t10k-images-idx3-ubyte.gz",
                            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                    new DataSource.RemoteFile(
                            "t10k-labels-idx1-ubyte.gz",
                            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
            List.of(
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                    URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/")));

    private Mnist() {}

    /** The training images, normalised; found under {@code KAWI_DATA} or in the user's cache, else downloaded. */
    public static ImageDataset train() {
        return new ImageDataset(train(DataFolder.find(SOURCE, null)), MEAN, DEVIATION, null);
    }

    /** The test images, normalised; found as {@link #train()} does. */
    public static ImageDataset test() {
        return new ImageDataset(test(DataFolder.find(SOURCE, null)), MEAN, DEVIATION, null);
    }

    /** The 60,000 training images from the folder that {@link DataFolder#find} gave. */
    public static GreyImages train(Path folder) {
        return images(folder, "train");
    }

    /** The 10,000 test images from the folder that {@link DataFolder#find} gave. */
    public static GreyImages test(Path folder) {
        return images(folder, "t10k");
    }

    private static GreyImages images(Path folder, String split) {
        return Idx.images(
                DataFolder.file(folder, split + "-images-idx3-ubyte.gz"),
                DataFolder.file(folder, split + "-labels-idx1-ubyte.gz"),
                10);
    }
}
