package kawi.models;

import java.util.ArrayList;
import java.util.List;
import kawi.nn.BatchNorm;
import kawi.nn.Conv2d;
import kawi.nn.Initializer;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Residual networks (He et al. 2016, "Deep residual learning for image recognition", table 1), with the stride of a
 * bottleneck in its 3×3 convolution as most use them since: {@code [N, 3, H, W] → [N, classes]}.
 */
public final class ResNet extends Module {
    /** Blocks start with so many channels, and double them in each of the four stages. */
    private static final int WIDTH = 64;

    final Conv2d conv1;
    final BatchNorm bn1 = new BatchNorm(WIDTH);
    final List<Module> blocks = new ArrayList<>();
    final Linear fc;
    private final boolean largeImages;

    private ResNet(boolean bottlenecks, int[] depths, int classes, boolean largeImages) {
        this.largeImages = largeImages;
        conv1 = largeImages ? convolution(3, WIDTH, 7, 2) : convolution(3, WIDTH, 3, 1);
        int in = WIDTH;
        for (int stage = 0; stage < depths.length; stage++) {
            int width = WIDTH << stage;
            for (int i = 0; i < depths[stage]; i++) {
                int stride = i == 0 && stage > 0 ? 2 : 1;
                blocks.add(bottlenecks ? new Bottleneck(in, width, stride) : new BasicBlock(in, width, stride));
                in = bottlenecks ? Bottleneck.EXPANSION * width : width;
            }
        }
        fc = new Linear(in, classes);
    }

    /** 18 layers for images of about 224×224; 11,689,512 parameters with 1000 classes. */
    public static ResNet resNet18(int classes) {
        return new ResNet(false, new int[] {2, 2, 2, 2}, classes, true);
    }

    /** 34 layers; 21,797,672 parameters with 1000 classes. */
    public static ResNet resNet34(int classes) {
        return new ResNet(false, new int[] {3, 4, 6, 3}, classes, true);
    }

    /** 50 layers of bottlenecks; 25,557,032 parameters with 1000 classes. */
    public static ResNet resNet50(int classes) {
        return new ResNet(true, new int[] {3, 4, 6, 3}, classes, true);
    }

    /** 18 layers for images of about 32×32: the first convolution is 3×3 without stride, and no pooling follows; 11,173,962 parameters with 10 classes. */
    public static ResNet resNet18ForSmallImages(int classes) {
        return new ResNet(false, new int[] {2, 2, 2, 2}, classes, false);
    }

    @Override
    public Tensor forward(Tensor x) { // (N, 3, H, W)
        x = bn1.forward(conv1.forward(x)).relu(); // (N, 64, H/2, W/2), or H, W
        x = largeImages ? x.maxPool2d(3, 2, 1) : x; // (N, 64, H/4, W/4)
        for (Module block : blocks) {
            x = block.forward(x);
        } // (N, 512 or 2048, H/32, W/32)
        return fc.forward(x.mean(2, 3)); // (N, classes)
    }

    /** Two 3×3 convolutions and a way around them (figure 2; projections as in option B). */
    static final class BasicBlock extends Module {
        final Conv2d conv1;
        final BatchNorm bn1;
        final Conv2d conv2;
        final BatchNorm bn2;
        final @Nullable Shortcut downsample;

        BasicBlock(int in, int width, int stride) {
            conv1 = convolution(in, width, 3, stride);
            bn1 = new BatchNorm(width);
            conv2 = convolution(width, width, 3, 1);
            bn2 = new BatchNorm(width);
            downsample = stride == 1 && in == width ? null : new Shortcut(in, width, stride);
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = bn1.forward(conv1.forward(x)).relu();
            y = bn2.forward(conv2.forward(y));
            return y.add(downsample == null ? x : downsample.forward(x)).relu();
        }
    }

    /** 1×1, 3×3 and 1×1 convolutions, the middle one on a quarter of the channels, and a way around them (figure 5, right). */
    static final class Bottleneck extends Module {
        static final int EXPANSION = 4;

        final Conv2d conv1;
        final BatchNorm bn1;
        final Conv2d conv2;
        final BatchNorm bn2;
        final Conv2d conv3;
        final BatchNorm bn3;
        final @Nullable Shortcut downsample;

        Bottleneck(int in, int width, int stride) {
            int out = EXPANSION * width;
            conv1 = convolution(in, width, 1, 1);
            bn1 = new BatchNorm(width);
            conv2 = convolution(width, width, 3, stride);
            bn2 = new BatchNorm(width);
            conv3 = convolution(width, out, 1, 1);
            bn3 = new BatchNorm(out);
            downsample = stride == 1 && in == out ? null : new Shortcut(in, out, stride);
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = bn1.forward(conv1.forward(x)).relu();
            y = bn2.forward(conv2.forward(y)).relu();
            y = bn3.forward(conv3.forward(y));
            return y.add(downsample == null ? x : downsample.forward(x)).relu();
        }
    }

    /** The way around a block that changes the shape: a 1×1 convolution. */
    static final class Shortcut extends Module {
        final Conv2d conv;
        final BatchNorm bn;

        Shortcut(int in, int out, int stride) {
            conv = convolution(in, out, 1, stride);
            bn = new BatchNorm(out);
        }

        @Override
        public Tensor forward(Tensor x) {
            return bn.forward(conv.forward(x));
        }
    }

    /** A convolution without bias, which the normalisation after it would take away, started by fan-out (He et al. 2015). */
    private static Conv2d convolution(int in, int out, int kernel, int stride) {
        Conv2d conv = new Conv2d(in, out, kernel, stride, kernel / 2, 1, 1, false);
        double deviation = Math.sqrt(2.0 / (out * kernel * kernel));
        conv.weight.assign(Initializer.normal(deviation).of(conv.weight.shape().dims()));
        return conv;
    }
}
