package kawi.cpu.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Store;
import kawi.graph.Elementwise;
import kawi.graph.Type;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation on every element type against its scalar meaning, and with the same bits at every width. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ElementwiseMeaningTest {
    private static final int SIZE = 4097;
    private static final double[] EDGES = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        -2.5,
        2,
        -2,
        3,
        -3,
        7,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        1e-40,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.7,
        88.8,
        -87.4,
        -100,
        -104,
        710,
        -746,
        0x1p23,
        -0x1p23 - 1,
        0x1.8p22,
        1e-8,
        -1e-8
    };

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Elementwise op : Elementwise.values()) {
            for (DType type : DType.values()) {
                if (result(op, type) != null) {
                    cases.add(Arguments.of(op, type));
                }
            }
        }
        return cases.stream();
    }

    private static @org.jspecify.annotations.Nullable DType result(Elementwise op, DType type) {
        try {
            List<Type> in = new ArrayList<>();
            for (DType t : operands(op, type)) {
                in.add(new Type(t, Shape.of(1)));
            }
            return op.infer(in).dtype();
        } catch (KawiException e) {
            return null;
        }
    }

    private static List<DType> operands(Elementwise op, DType type) {
        return switch (op.arity()) {
            case 1 -> List.of(type);
            case 2 -> List.of(type, type);
            default -> List.of(op == Elementwise.WHERE ? DType.BOOL : type, type, type);
        };
    }

    /** Largest error in units in the last place. */
    private static double tolerance(Elementwise op, DType type) {
        return switch (op) {
            case EXP, LOG, LOG1P, ERF ->
                type == DType.F64 && op == Elementwise.ERF ? 16 : 1.5; // the oracle's erf errs itself
            case EXPM1, SIN, COS -> 2;
            case TANH, SIGMOID, POW -> 3;
            default -> 0;
        };
    }

    static LoopNest nest(Elementwise op, DType type, int size) {
        List<Access> accesses = new ArrayList<>();
        List<Instruction> body = new ArrayList<>();
        List<Integer> args = new ArrayList<>();
        for (DType t : operands(op, type)) {
            args.add(accesses.size());
            body.add(new Instruction.Load(accesses.size(), t));
            accesses.add(new Access(accesses.size(), t, 0, new long[] {1}));
        }
        DType result = result(op, type);
        body.add(new Instruction.Apply(op, result, args));
        accesses.add(new Access(accesses.size(), result, 0, new long[] {1}));
        return new LoopNest(new int[] {size}, -1, null, accesses, body, List.of(new Store(args.size(), args.size())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithItsMeaning(Elementwise op, DType type) {
        Trial trial = new Trial(nest(op, type, SIZE), new Random(7));
        if (type.isFloat() && op != Elementwise.WHERE) {
            fill(trial, op, type);
        }
        List<byte[]> meaning = trial.reference();
        List<byte[]> plain = trial.run(0, 1);
        for (int i = 0; i < SIZE; i++) {
            check(trial, op, type, i, trial.get(meaning, op.arity(), i), trial.get(plain, op.arity(), i));
        }
        for (int bits : Trial.WIDTHS) {
            trial.assertSame(plain, trial.run(bits, 2), op + " at " + bits + " bits");
        }
    }

    private static void fill(Trial trial, Elementwise op, DType type) {
        Random random = new Random(11);
        int n = EDGES.length;
        for (int i = 0; i < SIZE; i++) {
            double x = switch (i % 4) {
                case 0 -> random.nextGaussian() * 3;
                case 1 -> random.nextGaussian() * 40;
                case 2 -> Math.exp(random.nextGaussian() * 20);
                default -> random.nextGaussian() * 0.1;
            };
            if (i < n * n && op.arity() == 2) {
                x = EDGES[i % n];
                trial.set(1, i, EDGES[i / n]);
            } else if (i < n) {
                x = EDGES[i];
            } else if (op.arity() == 2) {
                trial.set(1, i, random.nextGaussian() * (i % 3 == 0 ? 20 : 2));
            }
            trial.set(0, i, x);
        }
    }

    private static void check(Trial trial, Elementwise op, DType type, int i, double wanted, double got) {
        double a = trial.before(0, i);
        double b = op.arity() == 2 ? trial.before(1, i) : 0;
        String what = "%s of %s %s, %s".formatted(op.label(), type, a, b);
        if (op == Elementwise.FLOOR_DIV && type == DType.F32 && Math.abs(a / b) >= 0x1p23) {
            return; // the quotient has no fraction left, and is rounded
        }
        if (Double.isNaN(wanted) || wanted == 0 && tolerance(op, type) == 0 || Double.isInfinite(wanted)) {
            assertThat((Double) got).as(what).isEqualTo((Double) wanted); // boxed: NaN is NaN, and −0 is not 0
            return;
        }
        double ulp = type == DType.F32 ? Math.ulp((float) wanted) : Math.ulp(wanted);
        assertThat(Math.abs(got - wanted) / ulp)
                .as("%s: %s, wanted %s, ulps", what, got, wanted)
                .isLessThanOrEqualTo(op == Elementwise.REM ? 0 : tolerance(op, type) + 0.5);
    }
}
