package kawi.cpu.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Along one axis, the positions h = residue + stride · t of the input, and the weights that reach them. Position h of the
 * input meets weight r at position (h + pad - r · dilation) / stride of the output, if that is whole; so all h of one
 * residue see the same weights, each at a fixed shift: output position t + shift. With these the product by data is one
 * dense convolution for each residue, instead of one over an output stretched with zeros.
 *
 * @param count how many t there are
 * @param taps the weights r, increasing
 * @param shifts for each of them, the output position at t = 0; may lie outside of the output
 */
record ConvPhase(int residue, int count, int[] taps, int[] shifts) {

    static List<ConvPhase> of(int size, int kernel, int stride, int pad, int dilation) {
        List<ConvPhase> phases = new ArrayList<>();
        for (int residue = 0; residue < Math.min(stride, size); residue++) {
            int[] taps = new int[kernel];
            int[] shifts = new int[kernel];
            int found = 0;
            for (int tap = 0; tap < kernel; tap++) {
                int place = residue + pad - tap * dilation;
                if (Math.floorMod(place, stride) == 0) {
                    taps[found] = tap;
                    shifts[found++] = Math.floorDiv(place, stride);
                }
            }
            int count = (size - residue + stride - 1) / stride;
            phases.add(new ConvPhase(residue, count, Arrays.copyOf(taps, found), Arrays.copyOf(shifts, found)));
        }
        return phases;
    }

    /** How far these phases reach before the start of the output. */
    static int before(List<ConvPhase> phases) {
        int reach = 0;
        for (ConvPhase phase : phases) {
            for (int shift : phase.shifts) {
                reach = Math.max(reach, -shift);
            }
        }
        return reach;
    }

    /** How far they reach beyond the end of an output of {@code size}. */
    static int beyond(List<ConvPhase> phases, int size) {
        int reach = 0;
        for (ConvPhase phase : phases) {
            for (int shift : phase.shifts) {
                reach = Math.max(reach, shift + phase.count - size);
            }
        }
        return reach;
    }
}
