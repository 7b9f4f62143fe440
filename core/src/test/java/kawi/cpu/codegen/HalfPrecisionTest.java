package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.base.Halves;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Store;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversions to and from 16 bits, at every width of vectors, against Java's own and a plain rounding. */
class HalfPrecisionTest {
    private static final int ALL = 1 << 16;

    private static LoopNest conversion(DType from, DType to, int size) {
        return new LoopNest(
                new int[] {size},
                -1,
                null,
                List.of(new Access(0, from, 0, new long[] {1}), new Access(1, to, 0, new long[] {1})),
                List.of(new Instruction.Load(0, from), new Instruction.Convert(to, 0)),
                List.of(new Store(1, 1)));
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void everyNumberOf16BitsIsWidened(DType type) {
        Trial trial = new Trial(conversion(type, DType.F32, ALL), new Random(1));
        for (int i = 0; i < ALL; i++) {
            trial.set(0, i, Halves.number(type, (short) i));
        }
        for (int bits : Trial.WIDTHS) {
            List<byte[]> after = trial.run(bits, 2);
            for (int i = 0; i < ALL; i++) {
                float expected = type == DType.F16 ? Float.float16ToFloat((short) i) : Float.intBitsToFloat(i << 16);
                assertThat((Float) (float) trial.get(after, 1, i))
                        .as("%s %04x at %d bits", type, i, bits)
                        .isEqualTo((Float) expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void theNearestIsTakenAndTiesGoToEven(DType type) {
        int n = 1 << 18;
        Random random = new Random(2);
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            float half = Halves.number(type, (short) i);
            numbers[i] = switch (i % 4) {
                case 0 -> Float.intBitsToFloat(random.nextInt()); // any bits, NaN and infinities among them
                case 1 -> (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-30, 20)));
                case 2 -> (half + Halves.number(type, (short) (i + 1))) / 2; // a tie
                default -> Math.nextUp((half + Halves.number(type, (short) (i + 1))) / 2);
            };
        }
        Trial trial = new Trial(conversion(DType.F32, type, n), random);
        for (int i = 0; i < n; i++) {
            trial.set(0, i, numbers[i]);
        }
        for (int bits : Trial.WIDTHS) {
            List<byte[]> after = trial.run(bits, 2);
            for (int i = 0; i < n; i++) {
                assertThat((Float) (float) trial.get(after, 1, i))
                        .as("%s of %s (%08x) at %d bits", type, numbers[i], Float.floatToRawIntBits(numbers[i]), bits)
                        .isEqualTo((Float) nearest(type, numbers[i]));
            }
        }
    }

    /** By Java for half precision; for bfloat16 from both neighbours. */
    private static float nearest(DType type, float x) {
        if (type == DType.F16) {
            return Float.float16ToFloat(Float.floatToFloat16(x));
        }
        if (!Float.isFinite(x)) {
            return x;
        }
        int below = Float.floatToRawIntBits(x) & 0xffff0000;
        float toZero = Float.intBitsToFloat(below);
        double away = (below & 0x7f800000) == 0x7f000000 && (below & 0x7f0000) == 0x7f0000
                ? Math.copySign(0x1p128, x) // beyond the largest there is infinity, as far as the next number would be
                : Float.intBitsToFloat(below + 0x10000);
        double left = Math.abs((double) x - toZero);
        double right = Math.abs(away - x);
        boolean up = left > right || left == right && (below & 0x10000) != 0;
        return up ? (float) away : toZero;
    }
}
