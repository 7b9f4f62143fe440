package kawi.io;

/** A file that is damaged or not of the expected format. The message names the file, what was expected and what was found. */
public class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An error without a deeper cause. */
    public FormatException(String message) {
        super(message);
    }

    /** An error whose cause, such as a failed read, is kept. */
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
