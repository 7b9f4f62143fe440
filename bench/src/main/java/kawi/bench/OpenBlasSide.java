package kawi.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** libtorch with OpenBLAS and oneDNN, as bytedeco builds it. */
final class OpenBlasSide implements Side {
    private @Nullable Prepared prepared;

    private record Prepared(PointerScope scope, Method run, IValue state) {}

    OpenBlasSide(int threads) {
        torch.set_num_threads(threads);
        // The interpreter runs the script operation by operation then, as fast as the eager C++ interface does.
        torch.setGraphExecutorOptimize(false);
        torch.manual_seed(0);
    }

    /** Compiles the script of a case and writes it to a file that any libtorch can load. */
    static void export(Case item, String file) {
        try (PointerScope _ = new PointerScope()) {
            compiled(item).save(file);
        }
    }

    private static JitModule compiled(Case item) {
        JitModule module = new JitModule(new QualifiedName("bench"));
        module.define(Script.whole(item.script()));
        return module;
    }

    @Override
    public List<Spec> prepare(Case item, List<Spec> inputs) {
        if (prepared != null) {
            prepared.scope().close();
            prepared = null;
        }
        PointerScope scope = new PointerScope(); // runs open scopes of their own inside it
        JitModule module = compiled(item);
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        for (int i = 0; i < inputs.size(); i++) {
            list.push_back(new IValue(tensor(inputs.get(i), i)));
        }
        IValue state = module.get_method("prepare").apply(new IValueVector(new IValue(list)));
        prepared = new Prepared(scope, module.get_method("timed"), state);
        return inputs;
    }

    private static Tensor tensor(Spec spec, int place) {
        TensorOptions type = new TensorOptions(spec.integers() ? torch.ScalarType.Long : torch.ScalarType.Float);
        Tensor t = torch.empty(spec.shape(), type, null);
        MemorySegment memory =
                MemorySegment.ofAddress(t.data_ptr().address()).reinterpret(spec.bytes(), Arena.global(), null);
        spec.fill(memory, place);
        return t;
    }

    private IValue once(boolean random) {
        Prepared p = prepared;
        if (p == null) {
            throw new IllegalStateException("prepare comes first");
        }
        return p.run().apply(new IValueVector(p.state(), new IValue(random)));
    }

    @Override
    public List<float[]> outputs() {
        try (PointerScope _ = new PointerScope()) {
            TensorVector out = once(false).toTensorVector();
            List<float[]> all = new ArrayList<>();
            for (long i = 0; i < out.size(); i++) {
                Tensor t = out.get(i).contiguous();
                float[] values = new float[Math.toIntExact(t.numel())];
                new FloatPointer(t.data_ptr()).get(values);
                all.add(values);
            }
            return all;
        }
    }

    @Override
    public void run(int times) {
        for (int i = 0; i < times; i++) {
            try (PointerScope _ = new PointerScope()) {
                once(true);
            }
        }
    }
}
