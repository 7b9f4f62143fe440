package kawi.bench;

/** A case that could not be measured; the message tells people why. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }
}
