package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import kawi.base.DType;
import kawi.graph.HostArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random programs run as a whole, interrupted by readings, and one operation at a time give the same bits, and what the
 * interpreter works out. {@code -Dkawi.fuzz.seed} starts elsewhere, {@code -Dkawi.fuzz.seconds} goes on for longer.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("kawi.fuzz.seed", 20_261_121L);
    private static final int SECONDS = Integer.getInteger("kawi.fuzz.seconds", 20);
    private static final int PROGRAMS = SECONDS > 20 ? Integer.MAX_VALUE : 2000;

    @AfterEach
    void lazyAgain() {
        Kawi.eager(false);
        Kawi.threads(2);
    }

    @Test
    void allWaysToRunAgree() {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        int programs = 0;
        List<String> failures = new ArrayList<>();
        while (programs < PROGRAMS && System.nanoTime() < end && failures.size() < 10) {
            long seed = SEED + programs++;
            try {
                check(seed);
            } catch (AssertionError | RuntimeException e) {
                failures.add("seed " + seed + ": " + e + "\n" + trace(e));
            }
        }
        System.out.println("fuzz: " + programs + " programs from seed " + SEED);
        assertThat(failures).isEmpty();
    }

    private static String trace(Throwable e) {
        StringBuilder s = new StringBuilder();
        for (StackTraceElement t : e.getStackTrace()) {
            if (t.getClassName().startsWith("kawi.") && s.length() < 900) {
                s.append("    ")
                        .append(t.getClassName())
                        .append('.')
                        .append(t.getMethodName())
                        .append(':')
                        .append(t.getLineNumber())
                        .append('\n');
            }
        }
        return s.toString();
    }

    static void check(long seed) {
        Kawi.eager(false);
        RandomGraph read = new RandomGraph(seed, false);
        Interpreter interpreter = new Interpreter();
        List<HostArray> wanted =
                read.outputs.stream().map(interpreter::evaluate).toList();
        Kawi.threads(1 + (int) (seed % 3));
        Kawi.realize(read.outputs.toArray(Tensor[]::new));
        List<HostArray> whole = results(read);
        List<HostArray> interrupted = results(new RandomGraph(seed, true));
        Kawi.threads(1);
        Kawi.eager(true);
        List<HostArray> eager = results(new RandomGraph(seed, false));
        Kawi.eager(false);
        for (int o = 0; o < wanted.size(); o++) {
            same("eager", read, o, eager.get(o), whole.get(o));
            same("interrupted", read, o, interrupted.get(o), whole.get(o));
            close(read, o, wanted.get(o), whole.get(o), read.exact && o < wanted.size() - read.gradients);
        }
    }

    private static List<HostArray> results(RandomGraph graph) {
        return graph.outputs.stream().map(OpSamples::read).toList();
    }

    private static void same(String what, RandomGraph graph, int output, HostArray a, HostArray b) {
        for (int i = 0; i < b.size(); i++) {
            boolean same = b.dtype().isFloat()
                    ? Double.compare(a.getDouble(i), b.getDouble(i)) == 0
                    : a.getLong(i) == b.getLong(i);
            if (!same) {
                throw new AssertionError("output %d, element %d is %s %s and %s lazily, in %s"
                        .formatted(output, i, a.getDouble(i), what, b.getDouble(i), graph));
            }
        }
    }

    private static void close(RandomGraph graph, int output, HostArray wanted, HostArray got, boolean exactly) {
        double scale = 1;
        for (int i = 0; i < wanted.size(); i++) {
            double v = Math.abs(wanted.getDouble(i));
            scale = Double.isFinite(v) ? Math.max(scale, v) : scale;
        }
        double bound = exactly ? 0 : scale * (wanted.dtype() == DType.F64 ? 1e-9 : 2e-3);
        for (int i = 0; i < wanted.size(); i++) {
            double w = wanted.getDouble(i);
            double g = got.getDouble(i);
            boolean close = Double.isFinite(w) ? Math.abs(g - w) <= bound : Double.compare(w, g) == 0;
            if (!close) {
                throw new AssertionError("output %d of %d (%d gradients), element %d is %s, not %s, in %s"
                        .formatted(output, graph.outputs.size(), graph.gradients, i, g, w, graph));
            }
        }
    }
}
