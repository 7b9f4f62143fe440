package kawi.bench;

import static kawi.bench.Case.returning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kawi.bench.Case.Work;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;

/** All distinct convolutions of ResNet-18 and ResNet-50 at batch 16, and depthwise ones: forward, by data and by weight. */
final class ConvolutionCases {
    private static final int BATCH = 16;

    /** f32 rounding of sums of up to 50,000 products, relative to the largest element; a fast algorithm may lose a little more. */
    private static final double TOLERANCE = 1e-4;

    /** Channels in and out, kernel, stride, extent of the square input; He et al. 2016, table 1, with the stride in the 3×3. */
    private static final String RESNET =
            """
               3   64 7 2 224
              64   64 3 1  56
              64  128 3 2  56
             128  128 3 1  28
              64  128 1 2  56
             128  256 3 2  28
             256  256 3 1  14
             128  256 1 2  28
             256  512 3 2  14
             512  512 3 1   7
             256  512 1 2  14
              64   64 1 1  56
              64  256 1 1  56
             256   64 1 1  56
             256  128 1 1  56
             128  128 3 2  56
             128  512 1 1  28
             256  512 1 2  56
             512  128 1 1  28
             512  256 1 1  28
             256  256 3 2  28
             256 1024 1 1  14
             512 1024 1 2  28
            1024  256 1 1  14
            1024  512 1 1  14
             512  512 3 2  14
             512 2048 1 1   7
            1024 2048 1 2  14
            2048  512 1 1   7
            """;

    /** Channels, kernel, stride and extent of MobileNetV2's (Sandler et al. 2018) and ConvNeXt-T's (Liu et al. 2022) largest maps. */
    private static final String DEPTHWISE =
            """
            144 3 1 56
             96 7 1 56
            """;

    private enum Direction {
        FORWARD,
        BY_DATA,
        BY_WEIGHT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** One layer; padding keeps the extent but for the stride. */
    private record Layer(String suite, int in, int out, int kernel, int stride, int extent, int groups) {
        int padding() {
            return kernel / 2;
        }

        int outExtent() {
            return (extent + 2 * padding() - kernel) / stride + 1;
        }

        Tensor apply(Tensor x, Tensor w) {
            return x.conv2d(w, stride, padding(), 1, groups);
        }

        Case measured(Direction direction) {
            double products = (double) BATCH * out * outExtent() * outExtent() * (in / groups) * kernel * kernel;
            String name = (groups > 1 ? "depthwise-%dx%d-%d-%d" : "conv-%dx%d-%d-%d")
                            .formatted(kernel, kernel, in, out)
                    + (stride > 1 ? "-stride-" + stride : "")
                    + "-at-" + extent
                    + "-" + direction;
            return Case.row(suite, name, Work.flops(2 * products), TOLERANCE, setup(direction), script(direction));
        }

        private Case.Setup setup(Direction direction) {
            return in -> {
                Tensor x = in.floats(BATCH, this.in, extent, extent);
                Tensor w = in.floats(out, this.in / groups, kernel, kernel);
                if (direction == Direction.FORWARD) {
                    return _ -> List.of(apply(x, w));
                }
                Tensor dy = in.floats(BATCH, out, outExtent(), outExtent());
                Tensor by = direction == Direction.BY_DATA ? x.requiresGrad() : w.requiresGrad();
                return _ -> Kawi.vjp(
                        direction == Direction.BY_DATA ? apply(by, w) : apply(x, by), dy, List.of(by));
            };
        }

        private String script(Direction direction) {
            if (direction == Direction.FORWARD) {
                return returning(
                        "[torch.conv2d(x[0], x[1], None, [%d, %d], [%d, %d], [1, 1], %d)]"
                                .formatted(stride, stride, padding(), padding(), groups));
            }
            boolean data = direction == Direction.BY_DATA;
            return """
                    def run(self, x: List[Tensor], random: bool) -> List[Tensor]:
                        dx, dw, db = torch.convolution_backward(x[2], x[0], x[1], None, [%d, %d], [%d, %d], [1, 1], False,
                            [0, 0], %d, [%s, %s, False])
                        return [%s]
                    """
                    .formatted(
                            stride,
                            stride,
                            padding(),
                            padding(),
                            groups,
                            data ? "True" : "False",
                            data ? "False" : "True",
                            data ? "dx" : "dw");
        }
    }

    private ConvolutionCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            String suite = "conv-" + direction;
            for (String row : RESNET.lines().toList()) {
                int[] n = numbers(row);
                cases.add(new Layer(suite, n[0], n[1], n[2], n[3], n[4], 1).measured(direction));
            }
        }
        for (String row : DEPTHWISE.lines().toList()) {
            int[] n = numbers(row);
            for (Direction direction : Direction.values()) {
                cases.add(new Layer("depthwise", n[0], n[0], n[1], n[2], n[3], n[0]).measured(direction));
            }
        }
        return cases;
    }

    private static int[] numbers(String row) {
        return Arrays.stream(row.trim().split(" +")).mapToInt(Integer::parseInt).toArray();
    }
}
