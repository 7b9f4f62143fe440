package kawi.base;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A mistake in the use of Kawi. The message says what was asked, what was found and how to mend it, and ends with the
 * line of the caller's own code that made the call.
 */
public class KawiException extends RuntimeException {
    /** Packages whose frames are Kawi's own machinery, not the code that used it. */
    private static final String[] INTERNAL = {
        "kawi.base.",
        "kawi.graph.",
        "kawi.autodiff.",
        "kawi.device.",
        "kawi.schedule.",
        "kawi.tensor.",
        "kawi.cpu.",
        "kawi.reference.",
        "kawi.nn.",
        "kawi.optim.",
        "kawi.data.",
        "kawi.io.",
        "kawi.linalg.",
        "kawi.sparse.",
        "kawi.train.",
        "kawi.classic.",
        "kawi.evaluate.",
        "java.",
        "jdk."
    };

    private final String problem;

    /** An error with the given message, to which the caller's line is added. */
    public KawiException(String message) {
        super(withLine(message));
        problem = message;
    }

    /** An error with a cause. */
    public KawiException(String message, @Nullable Throwable cause) {
        super(withLine(message), cause);
        problem = message;
    }

    /** The same error with more to say, before the caller's line. */
    public final KawiException with(String details) {
        KawiException e = new KawiException(problem + details, getCause());
        e.setStackTrace(getStackTrace());
        return e;
    }

    private static String withLine(String message) {
        return userLine().map(line -> message + "\n  at " + line).orElse(message);
    }

    /** The innermost line of the current stack that is not Kawi's own: {@code Class.method(File.java:12)}. */
    public static Optional<String> userLine() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(f -> !isInternal(f.getClassName()))
                        .findFirst()
                        .map(f -> f.toStackTraceElement().toString()));
    }

    /** Whether a class is Kawi's own machinery, or the JDK's. */
    public static boolean isInternal(String className) {
        for (String prefix : INTERNAL) {
            if (className.startsWith(prefix)) {
                return !className.endsWith("Test") && !className.contains("Test$");
            }
        }
        return false;
    }
}
