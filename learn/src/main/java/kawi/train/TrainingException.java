package kawi.train;

import kawi.base.KawiException;

/** A training that cannot go on; its last checkpoint is kept. */
public final class TrainingException extends KawiException {
    /** What happened and how to go on. */
    public TrainingException(String message) {
        super(message);
    }
}
