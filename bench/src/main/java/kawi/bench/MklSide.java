package kawi.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** libtorch with MKL and oneDNN, as PyTorch itself ships it, by way of DJL. It loads the scripts that {@link ScriptExport} compiled. */
final class MklSide implements Side {
    private final PtNDManager manager;
    private @Nullable Prepared prepared;

    /** What {@code timed} is called with; the arguments keep their memory until the next case. */
    private record Prepared(PtNDManager manager, PtSymbolBlock module, IValue state) {}

    MklSide(int threads) {
        JniUtils.setGraphExecutorOptimize(false); // operation by operation, as on the other peer's side
        JniUtils.setNumThreads(threads);
        manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    }

    @Override
    public List<Spec> prepare(Case item, List<Spec> inputs) {
        if (prepared != null) {
            prepared.state().close();
            prepared.manager().close();
            prepared = null;
        }
        PtNDManager own = (PtNDManager) manager.newSubManager();
        Path file = ScriptExport.file(item);
        PtSymbolBlock module = JniUtils.loadModule(own, file, false, new String[0], new String[0], false);
        PtNDArray[] arrays = new PtNDArray[inputs.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = array(own, inputs.get(i), i);
        }
        try (IValue list = IValue.listFrom(arrays)) {
            prepared = new Prepared(own, module, IValueUtils.runMethod(module, "prepare", list));
        }
        return inputs;
    }

    private static PtNDArray array(PtNDManager own, Spec spec, int place) {
        PtNDArray a = (PtNDArray) own.create(new Shape(spec.shape()), spec.integers() ? DataType.INT64 : DataType.FLOAT32);
        ByteBuffer values = ByteBuffer.allocateDirect(Math.toIntExact(spec.bytes())).order(ByteOrder.nativeOrder());
        spec.fill(MemorySegment.ofBuffer(values), place);
        a.set(values);
        return a;
    }

    private NDList once(boolean random, PtNDManager results) {
        Prepared p = prepared;
        if (p == null) {
            throw new IllegalStateException("prepare comes first");
        }
        try (IValue flag = IValue.from(random);
                IValue out = IValueUtils.runMethod(p.module(), "timed", p.state(), flag)) {
            return out.toNDList(results);
        }
    }

    @Override
    public List<float[]> outputs() {
        try (PtNDManager results = (PtNDManager) manager.newSubManager()) {
            List<float[]> all = new ArrayList<>();
            for (NDArray a : once(false, results)) {
                all.add(a.toFloatArray());
            }
            return all;
        }
    }

    @Override
    public void run(int times) {
        for (int i = 0; i < times; i++) {
            try (PtNDManager results = (PtNDManager) manager.newSubManager()) {
                once(true, results);
            }
        }
    }
}
