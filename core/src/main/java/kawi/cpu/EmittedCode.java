package kawi.cpu;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_Object;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What all emitted kernels have in common: how they are loaded, and what they tell C2 of the memory they work on. */
public final class EmittedCode {
    /** The class of the segments that the memory pool hands out. */
    private static final Class<? extends MemorySegment> NATIVE =
            Arena.ofAuto().allocate(64, 64).asSlice(0, 64).getClass();

    private static final DynamicConstantDesc<?> NATIVE_CONSTANT = DynamicConstantDesc.ofNamed(
            ConstantDescs.ofConstantBootstrap(CD_MethodHandles, "classData", CD_Object),
            ConstantDescs.DEFAULT_NAME,
            CD_Class);
    private static final ClassDesc MISTAKE =
            IllegalArgumentException.class.describeConstable().orElseThrow();

    private EmittedCode() {}

    /**
     * Emits a test that the segments in these local variables have the class of the pool's. After it C2 knows their exact
     * class. Otherwise that depends on what the interpreter happened to record before C1 took over: in one compilation of
     * three C2 then tested the class at every access and was four to six times slower.
     */
    public static void needNative(CodeBuilder code, int... locals) {
        for (int local : locals) {
            Label exact = code.newLabel();
            code.aload(local).invokevirtual(CD_Object, "getClass", MethodTypeDesc.of(CD_Class));
            code.loadConstant(NATIVE_CONSTANT).if_acmpeq(exact);
            code.new_(MISTAKE)
                    .dup()
                    .invokespecial(MISTAKE, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                    .athrow();
            code.labelBinding(exact);
        }
    }

    /** Loads an emitted class beside the caller's and makes an object of it. */
    public static <T> T load(MethodHandles.Lookup caller, byte[] bytes, Class<T> type) {
        try {
            MethodHandles.Lookup lookup = caller.defineHiddenClassWithClassData(
                    bytes, NATIVE, true, MethodHandles.Lookup.ClassOption.NESTMATE);
            return type.cast(lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                    .invoke());
        } catch (Throwable e) {
            throw new IllegalStateException("an emitted kernel could not be loaded", e);
        }
    }
}
