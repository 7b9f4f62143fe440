package kawi.data;

/** Data that is missing, malformed or not what was asked for. The message says what was asked, what was found and how to mend it. */
public class DataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An error without a deeper cause. */
    public DataException(String message) {
        super(message);
    }

    /** An error whose cause, such as a failed read, is kept. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
