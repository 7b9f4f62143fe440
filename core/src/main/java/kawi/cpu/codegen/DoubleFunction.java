package kawi.cpu.codegen;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * Functions of doubles too long to write as basic steps. {@link StrictMath} is plain Java in this JDK and no intrinsic,
 * so its bits do not depend on the compiler; a nest that calls it takes the scalar form.
 */
enum DoubleFunction {
    SIN,
    COS,
    POW,
    ERF,
    REMAINDER;

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
            case ERF -> erf(x);
            case POW, REMAINDER -> throw new IllegalArgumentException(this + " takes two arguments");
        };
    }

    /** With the arguments on the stack. */
    void emit(CodeBuilder code) {
        MethodTypeDesc one = MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double);
        MethodTypeDesc two =
                MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double, ConstantDescs.CD_double);
        ClassDesc strict = ClassDesc.of("java.lang.StrictMath");
        switch (this) {
            case SIN -> code.invokestatic(strict, "sin", one);
            case COS -> code.invokestatic(strict, "cos", one);
            case POW -> code.invokestatic(strict, "pow", two);
            case REMAINDER -> code.invokestatic(ClassDesc.of("kawi.graph.Elementwise"), "remainder", two);
            case ERF -> code.invokestatic(CLASS, "erf", one);
        }
    }

    /**
     * The error function by its Maclaurin series, or the continued fraction of the complementary function
     * (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14).
     */
    static double erf(double x) {
        double a = StrictMath.abs(x);
        if (a > 6.5 || Double.isNaN(x)) {
            return Double.isNaN(x) ? x : StrictMath.signum(x);
        }
        if (a <= 2.5) {
            double term = x;
            double sum = x;
            for (int n = 1; StrictMath.abs(term) > StrictMath.abs(sum) * 1e-17; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / StrictMath.sqrt(StrictMath.PI) * StrictMath.exp(-x * x) * sum;
        }
        double fraction = a;
        for (int n = 120; n >= 1; n--) {
            fraction = a + n / 2.0 / fraction;
        }
        return StrictMath.signum(x) * (1 - StrictMath.exp(-a * a) / (StrictMath.sqrt(StrictMath.PI) * fraction));
    }
}
