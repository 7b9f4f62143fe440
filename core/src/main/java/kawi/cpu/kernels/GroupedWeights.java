package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import kawi.cpu.Workers;

/**
 * The derivative by the weights of {@code F32} convolutions whose groups have few channels, depthwise ones above all: each
 * weight is a dot product of two planes. A tile of a matrix product would be nearly empty.
 *
 * <p>Order of the sums: {@link DotKernel#LANES} lanes over images, rows and columns, then the lanes folded in halves.
 */
final class GroupedWeights {
    private GroupedWeights() {}

    /** Whether a derivative is computed here: by its shape alone. */
    static boolean takes(ConvShape s) {
        return s.groups() > 1 && s.groupInChannels() * s.groupOutChannels() <= 16 && s.outPositions() > 0;
    }

    static void run(
            Workers workers,
            int bits,
            ConvShape s,
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment dw,
            long dwOffset) {
        DotKernel kernel = DirectKernels.dots(bits);
        RowMover mover = DirectKernels.mover(bits);
        Correlation forward = Correlation.forward(s, 4);
        Planes planes = forward.planes();
        int in = s.groupInChannels();
        int out = s.groupOutChannels();
        int taps = s.taps();
        int calls = Math.ceilDiv(taps, DotKernel.TAPS);
        int channel = planes.channel(s.outH());
        int[] shifts = new int[in * calls * DotKernel.TAPS];
        int[] all = forward.shifts(forward.parts().getFirst(), s.outH());
        for (int i = 0; i < shifts.length; i++) {
            int c = i / (calls * DotKernel.TAPS);
            int tap = Math.min(taps - 1, i % (calls * DotKernel.TAPS)); // the last weight again, to fill the call
            shifts[i] = all[c * taps + tap] * 4;
        }
        workers.run(s.groups(), group -> {
            Scratch scratch = Scratch.ofThread();
            long imageBytes = (long) in * channel * 4;
            MemorySegment image = scratch.take(imageBytes);
            int lanes = out * shifts.length * DotKernel.LANES;
            MemorySegment sums = scratch.take(lanes * 4L);
            try {
                image.asSlice(0, imageBytes).fill((byte) 0);
                sums.asSlice(0, lanes * 4L).fill((byte) 0);
                for (int n = 0; n < s.batch(); n++) {
                    long from = xOffset + ((long) n * s.inChannels() + group * in) * s.height() * s.width();
                    planes.fill(mover, x, from * 4, in, 0, s.outH(), image, 0, true);
                    for (int o = 0; o < out; o++) {
                        long g = dyOffset + ((long) n * s.outChannels() + group * out + o) * s.outPositions();
                        for (int first = 0; first < shifts.length; first += DotKernel.TAPS) {
                            kernel.dots(
                                    dy,
                                    g * 4,
                                    s.outW() * 4L,
                                    image,
                                    0,
                                    planes.pitch() * 4L,
                                    shifts,
                                    first,
                                    s.outH(),
                                    s.outW(),
                                    sums,
                                    ((long) o * shifts.length + first) * DotKernel.LANES * 4);
                        }
                    }
                }
                for (int i = 0; i < out * in * taps; i++) {
                    int sum = i / taps * calls * DotKernel.TAPS + i % taps;
                    long to = dwOffset + (long) group * out * in * taps + i;
                    dw.set(JAVA_FLOAT_UNALIGNED, to * 4, DotKernel.folded(sums, sum));
                }
            } finally {
                scratch.giveBack();
                scratch.giveBack();
            }
        });
    }
}
