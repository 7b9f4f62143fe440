package kawi.cpu.codegen;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kawi.cpu.EmittedCode;
import kawi.cpu.codegen.Program.Step;

/**
 * A function of {@code F32} numbers from {@link LaneMath} for kernels that are written by hand: as instructions in the
 * middle of their vector code, and for one number. Both run the same steps as a loop nest, so the bits are the same.
 */
public final class LaneFunction {
    /** eˣ. */
    public static final LaneFunction EXP = new LaneFunction(LaneMath::exp);

    /** Natural logarithm. */
    public static final LaneFunction LOG = new LaneFunction(LaneMath::log);

    /** A function of one number. */
    interface OfNumber {
        float of(float x);
    }

    private final Program program = new Program();
    private final int argument;
    private final int result;
    private final boolean[] needed;
    private final OfNumber scalar;

    private LaneFunction(UnaryOperator<Value> function) {
        Value x = program.add(Basic.SCALAR, Lane.F32, 0);
        argument = x.id();
        result = function.apply(x).id();
        needed = program.needed(List.of(result));
        scalar = define();
    }

    /** The function of one number. */
    public float of(float x) {
        return scalar.of(x);
    }

    private Structure structure(int bits) {
        return new Structure(program, List.of(), List.of(), Structure.Combine.STORE, null, bits);
    }

    private OfNumber define() {
        byte[] bytes = ClassFile.of().build(ClassDesc.of("kawi.cpu.codegen.NumberFunction"), c -> {
            c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            c.withInterfaceSymbols(OfNumber.class.describeConstable().orElseThrow());
            c.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            c.withMethodBody(
                    "of",
                    MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_float),
                    ClassFile.ACC_PUBLIC,
                    this::number);
        });
        return EmittedCode.load(MethodHandles.lookup(), bytes, OfNumber.class);
    }

    private void number(CodeBuilder code) {
        Structure structure = structure(0);
        ScalarForm form = new ScalarForm(code, structure, new Frame(code, structure, 0, 0));
        form.local[argument] = code.parameterSlot(0);
        emit(form, _ -> true);
        form.load(result);
        code.freturn();
    }

    /** Writes the needed steps of a kind, each value into its local. */
    private void emit(Form form, Predicate<Step> kind) {
        for (int i = 0; i < program.size(); i++) {
            Step step = program.step(i);
            if (i != argument && needed[i] && kind.test(step)) {
                form.compute(step);
                if (form.local[i] < 0) {
                    form.local[i] = form.allocate(step.lane());
                }
                form.storeLocal(step.lane(), form.local[i]);
            }
        }
    }

    /**
     * Writes the function's constants into locals, to stand before the loops, and returns what writes the function itself:
     * it takes the vector on the stack and leaves the result there.
     *
     * @param bits width of the vectors
     */
    public Consumer<CodeBuilder> in(CodeBuilder code, int bits) {
        Structure structure = structure(bits);
        VectorForm form = new VectorForm(code, structure, new Frame(code, structure, 0, 0));
        form.local[argument] = code.allocateLocal(TypeKind.REFERENCE);
        emit(form, s -> s.op() == Basic.CONST);
        return inner -> {
            inner.astore(form.local[argument]);
            emit(form, s -> s.op() != Basic.CONST);
            form.load(result);
        };
    }
}
