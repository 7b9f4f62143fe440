package kawi.cpu;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

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

    private static final ClassDesc VAR_HANDLE =
            VarHandle.class.describeConstable().orElseThrow();
    private static final ClassDesc SEGMENT =
            MemorySegment.class.describeConstable().orElseThrow();
    private static final DirectMethodHandleDesc FIELD = ConstantDescs.ofConstantBootstrap(
            EmittedCode.class.describeConstable().orElseThrow(), "field", VAR_HANDLE, CD_int, CD_int);

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

    /**
     * Emits a read of the {@code float} or {@code double} that lies {@code at} bytes into a record of {@code size} bytes.
     *
     * <p>Reads from the same record share one test of its bounds, where {@code MemorySegment.get} tests those of each value: see
     * docs/decisions/014-records.md.
     *
     * @param record pushes the segment and the record's offset
     */
    public static void get(CodeBuilder code, ClassDesc type, int size, int at, Runnable record) {
        code.loadConstant(DynamicConstantDesc.ofNamed(FIELD, type.displayName(), VAR_HANDLE, size, at));
        record.run();
        code.invokevirtual(VAR_HANDLE, "get", MethodTypeDesc.of(type, SEGMENT, CD_long));
    }

    /** Makes the constant that reads such a value; {@code float} or {@code double} is its name. */
    public static VarHandle field(MethodHandles.Lookup caller, String type, Class<?> handle, int size, int at) {
        ValueLayout value = type.equals("float") ? ValueLayout.JAVA_FLOAT_UNALIGNED : ValueLayout.JAVA_DOUBLE_UNALIGNED;
        List<MemoryLayout> members = new ArrayList<>();
        if (at > 0) {
            members.add(MemoryLayout.paddingLayout(at));
        }
        members.add(value.withName("value"));
        long rest = size - at - value.byteSize();
        if (rest > 0) {
            members.add(MemoryLayout.paddingLayout(rest));
        }
        return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new))
                .varHandle(MemoryLayout.PathElement.groupElement("value"));
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
