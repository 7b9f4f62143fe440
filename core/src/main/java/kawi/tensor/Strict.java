package kawi.tensor;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import kawi.base.KawiException;
import kawi.base.Shape;
import org.jspecify.annotations.Nullable;

/** Reports implicit broadcasting that adds a dimension, once for each line of the user's code. */
final class Strict {
    private static volatile @Nullable Consumer<String> report;
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    private Strict() {}

    static void report(@Nullable Consumer<String> to) {
        report = to;
        REPORTED.clear();
    }

    /** Looks at the operands of an operation that broadcasts. One number for all elements is no matter. */
    static void look(String operation, Tensor x, Tensor y) {
        Consumer<String> to = report;
        if (to != null && x.rank() != y.rank() && x.rank() > 0 && y.rank() > 0) {
            Shape result = Shape.broadcast(x.shape(), y.shape());
            String line = KawiException.userLine().orElse("an unknown line");
            if (result != null && !ofLayer() && REPORTED.add(line)) {
                to.accept(message(operation, x.shape(), y.shape(), result, line));
            }
        }
    }

    /** Whether a layer of Kawi's asks: its biases are added to every example on purpose. */
    private static boolean ofLayer() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .takeWhile(KawiException::isInternal)
                        .anyMatch(name -> name.startsWith("kawi.nn.") || name.startsWith("kawi.optim.")));
    }

    private static String message(String operation, Shape x, Shape y, Shape result, String line) {
        Shape small = x.rank() < y.rank() ? x : y;
        Shape large = x.rank() < y.rank() ? y : x;
        String grows = large.equals(result) ? "" : ", which is neither of the two";
        return ("strict: %s of shapes %s and %s broadcasts to %s%s: %s is repeated along the axes that it lacks. If that is meant,"
                        + " say so with unsqueeze or expand; if the same number of axes was meant, look at what made them,"
                        + " often a reduction without KeepDims or a column [n, 1] beside a vector [n]\n  at %s")
                .formatted(operation, x, y, result, grows, small, line);
    }
}
