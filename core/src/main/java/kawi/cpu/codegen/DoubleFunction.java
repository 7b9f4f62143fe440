package kawi.cpu.codegen;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;
import kawi.graph.SpecialFunctions;

/**
 * Functions of doubles too long to write as basic steps. {@link StrictMath} is plain Java in this JDK and no intrinsic,
 * so its bits do not depend on the compiler; a nest that calls it takes the scalar form.
 */
enum DoubleFunction {
    SIN,
    COS,
    POW,
    ERF,
    REMAINDER,
    ERFC,
    ERFINV,
    SINH,
    COSH,
    ASINH,
    LOG2,
    LOG10,
    LGAMMA,
    ATAN2,
    POLYGAMMA;

    static final ClassDesc CLASS = ClassDesc.of("kawi.cpu.codegen.DoubleFunction");

    /** What {@link Basic#CORRECT} puts in place of a result, for one point. */
    static float correct(float x, float y, boolean wrong, int function) {
        return wrong ? (float) values()[function].of(x) : y;
    }

    static double correct(double x, double y, boolean wrong, int function) {
        return wrong ? values()[function].of(x) : y;
    }

    /** The same for the lanes of a vector; the results replace those in {@code y}. */
    static void correct(float[] x, float[] y, boolean[] wrong, int function) {
        for (int i = 0; i < x.length; i++) {
            y[i] = correct(x[i], y[i], wrong[i], function);
        }
    }

    static void correct(double[] x, double[] y, boolean[] wrong, int function) {
        for (int i = 0; i < x.length; i++) {
            y[i] = correct(x[i], y[i], wrong[i], function);
        }
    }

    private double of(double x) {
        return switch (this) {
            case SIN -> StrictMath.sin(x);
            case COS -> StrictMath.cos(x);
            case ERF -> SpecialFunctions.erf(x);
            default -> throw new IllegalArgumentException(this + " has no fast form to be corrected");
        };
    }

    /** With the arguments on the stack. */
    void emit(CodeBuilder code) {
        MethodTypeDesc one = MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double);
        MethodTypeDesc two =
                MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double, ConstantDescs.CD_double);
        ClassDesc strict = ClassDesc.of("java.lang.StrictMath");
        ClassDesc special = ClassDesc.of("kawi.graph.SpecialFunctions");
        String name = name().toLowerCase(Locale.ROOT);
        switch (this) {
            case SIN, COS, SINH, COSH, LOG10 -> code.invokestatic(strict, name, one);
            case ATAN2 -> code.invokestatic(strict, name, two);
            case ERF, ERFC, ERFINV, ASINH, LOG2, LGAMMA -> code.invokestatic(special, name, one);
            case POW, POLYGAMMA -> code.invokestatic(special, name, two);
            case REMAINDER -> code.invokestatic(ClassDesc.of("kawi.graph.Elementwise"), name, two);
        }
    }
}
