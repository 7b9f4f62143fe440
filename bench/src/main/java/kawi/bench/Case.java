package kawi.bench;

import java.util.List;
import kawi.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is measured: how Kawi does it, and how libtorch does, in TorchScript.
 *
 * @param name what people and {@code --case} call it
 * @param suite the family it belongs to
 * @param work what one run amounts to, for the fraction of the machine's ceiling
 * @param tolerance largest difference between the two sides' outputs that counts as equal, relative to the largest number
 *     of the output
 * @param warmUp seconds that Kawi runs before it is measured: the JVM compiles what is run often, and then once more
 * @param seconds time for measuring both sides
 * @param shares whether the cases of its suite run one after another in the same two processes, and then no memory is reported
 * @param launch how its processes are started, and whether that is what is measured
 * @param kawi Kawi's side
 * @param plain where Kawi is compared with itself or with loops by hand, and not with libtorch: the other side, with the same
 *     inputs; else null
 * @param script libtorch's side: TorchScript methods, of which {@code run(self, x: List[Tensor], random: bool) ->
 *     List[Tensor]} is timed; where there is a {@code prepare(self, x: List[Tensor]) -> List[Tensor]}, {@code x} is what it
 *     makes of the inputs
 */
record Case(
        String name,
        String suite,
        Work work,
        double tolerance,
        double warmUp,
        double seconds,
        boolean shares,
        Launch launch,
        Setup kawi,
        @Nullable Setup plain,
        String script) {

    /** What is measured. */
    enum Launch {
        /** Runs, once everything is warm. */
        WARM,
        /** The first hundred runs and the start of the JVM before them. */
        COLD,
        /** The same without the launcher's flags. */
        COLD_WITHOUT_FLAGS
    }

    /** Draws the inputs once. */
    @FunctionalInterface
    interface Setup {
        Program on(Inputs in);
    }

    /** One run, which is timed. */
    @FunctionalInterface
    interface Program {
        /**
         * Records or computes the outputs.
         *
         * @param random whether dropout drops; without it the outputs of both sides can be compared
         */
        List<Tensor> run(boolean random);
    }

    /** Floating-point operations, or bytes that must at least move between memory and cores; 0 where the other counts. */
    record Work(double flops, double bytes) {
        static Work flops(double flops) {
            return new Work(flops, 0);
        }

        static Work bytes(double bytes) {
            return new Work(0, bytes);
        }
    }

    /** A case of a kernel or a layer, in processes of its own. */
    static Case kernel(String suite, String name, Work work, double tolerance, Setup kawi, String script) {
        return new Case(name, suite, work, tolerance, 3, 2, false, Launch.WARM, kawi, null, script);
    }

    /** One line of a long table: a short measurement in processes that the suite shares. */
    static Case row(String suite, String name, Work work, double tolerance, Setup kawi, String script) {
        return new Case(name, suite, work, tolerance, 0.4, 0.5, true, Launch.WARM, kawi, null, script);
    }

    /** A case of a whole network, measured for so many seconds. */
    static Case network(
            String suite, String name, Work work, double tolerance, double seconds, Setup kawi, String script) {
        return new Case(name, suite, work, tolerance, 12, seconds, false, Launch.WARM, kawi, null, script);
    }

    /** A case beside another way on the JVM: {@code plain} with the same inputs and outputs. */
    static Case beside(String suite, String name, Work work, double tolerance, Setup kawi, Setup plain) {
        return new Case(name, suite, work, tolerance, 4, 2.5, false, Launch.WARM, kawi, plain, "");
    }

    /** The start of another case, measured instead of its warm runs. */
    Case started(String suite, String name, Launch launch) {
        return new Case(name, suite, new Work(0, 0), tolerance, 6, 0, false, launch, kawi, null, script);
    }

    /** The script of one expression: what {@code run} returns. */
    static String returning(String outputs) {
        return "def run(self, x: List[Tensor], random: bool) -> List[Tensor]:\n    return " + outputs + "\n";
    }
}
