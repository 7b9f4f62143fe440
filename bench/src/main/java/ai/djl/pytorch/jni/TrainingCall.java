package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.Arrays;

/**
 * Calls a method of a script with derivatives switched on. {@link IValueUtils#runMethod} does the same for inference alone,
 * and what it calls for training is visible in this package only.
 */
public final class TrainingCall {
    private TrainingCall() {}

    /** The result of a method of a script. */
    public static IValue run(PtSymbolBlock module, String method, IValue... arguments) {
        long[] handles = Arrays.stream(arguments).mapToLong(IValue::getHandle).toArray();
        return new IValue(PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, true, false));
    }
}
