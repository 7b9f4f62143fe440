package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.device.LoopNest;
import kawi.device.LoopNest.Access;
import kawi.device.LoopNest.Instruction;
import kawi.device.LoopNest.Reduction;
import kawi.device.LoopNest.Store;
import kawi.graph.Elementwise;
import kawi.graph.Type;
import org.junit.jupiter.api.Test;

/**
 * Random loop nests: the same bits at every width, with any threads and box by box. Those of exactly rounded operations
 * and without reduction must have the interpreter's bits as well.
 */
class RandomNestsTest {
    private static final int NESTS = 400;
    private static final long SEED = Long.getLong("kawi.test.seed", 20261121);

    /** Operations of the interpreter that differ by rounding; all else is exact. */
    private static boolean approximate(Elementwise op) {
        return switch (op) {
            case EXP, EXPM1, LOG, LOG1P, SIN, COS, TANH, SIGMOID, ERF, POW, FLOOR_DIV -> true;
            default -> false;
        };
    }

    @Test
    void agreeWithThemselvesAndTheInterpreter() {
        for (int i = 0; i < NESTS; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            LoopNest nest = nest(random, i % 4 == 3);
            try {
                check(nest, random);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dkawi.test.seed=" + seed + ": " + nest, e);
            }
        }
    }

    private static void check(LoopNest nest, Random random) {
        Trial trial = new Trial(nest, random, Double.doubleToRawLongBits(0.625), 3, Double.doubleToRawLongBits(-2));
        List<byte[]> plain = trial.run(0, 1);
        boolean exact = nest.reduction() == null
                && nest.body().stream().noneMatch(b -> b instanceof Instruction.Apply a && approximate(a.op()));
        if (exact) {
            trial.assertSame(trial.reference(), plain, "interpreter");
        }
        for (int bits : Trial.WIDTHS) {
            trial.assertSame(plain, trial.run(bits, 1 + random.nextInt(3)), bits + " bits");
        }
        if (nest.reduction() == null) {
            trial.assertSame(plain, trial.runBoxes(512, random), "boxes");
        }
    }

    private static final class Builder {
        final Random random;
        final int[] sizes;
        final List<Access> accesses = new ArrayList<>();
        final List<Instruction> body = new ArrayList<>();
        int buffers;

        Builder(Random random, int[] sizes) {
            this.random = random;
            this.sizes = sizes;
        }

        /** A view of a dense array: transposed, broadcast, flipped or sliced at random; no two points share a store. */
        Access access(DType type, boolean store, int dropped) {
            int rank = sizes.length;
            long[] strides = new long[rank];
            List<Integer> axes = new ArrayList<>();
            for (int d = 0; d < rank; d++) {
                axes.add(random.nextInt(4) == 0 ? axes.size() : 0, d);
            }
            if (random.nextInt(3) > 0) {
                axes.sort((x, y) -> y - x);
            }
            long step = 1;
            long offset = random.nextInt(4);
            for (int d : axes) {
                if (d == dropped || !store && random.nextInt(5) == 0) {
                    continue;
                }
                boolean flip = random.nextInt(8) == 0;
                strides[d] = flip ? -step : step;
                offset += flip ? step * Math.max(0, sizes[d] - 1) : 0;
                step *= Math.max(1, sizes[d]);
                step += random.nextInt(6) == 0 ? 3 : 0;
            }
            return new Access(buffers++, type, offset, strides);
        }

        int add(Instruction i) {
            body.add(i);
            return body.size() - 1;
        }
    }

    private static LoopNest nest(Random random, boolean reduces) {
        int rank = 1 + random.nextInt(4);
        int[] sizes = new int[rank];
        int[] choices = {1, 2, 3, 5, 8, 16, 17, 33, 64, 70};
        for (int d = 0; d < rank; d++) {
            sizes[d] = choices[random.nextInt(rank == 1 ? choices.length : rank == 2 ? 9 : 5)];
        }
        if (rank == 1 && random.nextBoolean()) {
            sizes[0] = random.nextInt(9000);
        }
        Builder b = new Builder(random, sizes);
        int axis = reduces ? random.nextInt(rank) : -1;
        DType[] pool = switch (random.nextInt(4)) {
            case 0 -> new DType[] {DType.F32};
            case 1 -> new DType[] {DType.F32, DType.I32, DType.BOOL, DType.U8};
            case 2 -> new DType[] {DType.F64, DType.I64, DType.BOOL};
            default -> DType.values();
        };
        int loads = 1 + random.nextInt(3);
        for (int i = 0; i < loads; i++) {
            DType type = pool[random.nextInt(pool.length)];
            b.accesses.add(b.access(type, false, -1));
            b.add(new Instruction.Load(i, type));
        }
        if (random.nextInt(3) == 0 && pool[0] == DType.F32) {
            b.add(new Instruction.Scalar(random.nextBoolean() ? 0 : 2, DType.F32));
        }
        if (random.nextInt(4) == 0) {
            long[] strides = new long[rank];
            for (int d = 0; d < rank; d++) {
                strides[d] = random.nextInt(7) - 3;
            }
            b.accesses.add(new Access(-1, DType.I32, 5, strides));
            DType type = pool[random.nextInt(pool.length)];
            if (type != DType.BOOL) {
                b.add(new Instruction.Index(loads, type));
            }
        }
        int steps = 2 + random.nextInt(12);
        while (steps > 0) {
            steps -= step(b, pool) ? 1 : 0;
        }
        List<Store> stores = new ArrayList<>();
        int last = b.body.size() - 1;
        int count = reduces ? 1 : 1 + random.nextInt(2);
        for (int s = 0; s < count; s++) {
            int value = s == 0 ? last : random.nextInt(b.body.size());
            DType type = b.body.get(value).type();
            if (reduces && (type == DType.BOOL || type == DType.U8)) {
                value = b.add(new Instruction.Convert(DType.F32, value));
                type = DType.F32;
            }
            stores.add(new Store(b.accesses.size(), value));
            b.accesses.add(b.access(type, true, axis));
        }
        Reduction kind = reduces ? Reduction.values()[random.nextInt(3)] : null;
        return new LoopNest(sizes, axis, kind, b.accesses, b.body, stores);
    }

    /** Adds an operation that fits some earlier values; false if the choice does not fit. */
    private static boolean step(Builder b, DType[] pool) {
        Random random = b.random;
        if (random.nextInt(6) == 0) {
            b.add(new Instruction.Convert(pool[random.nextInt(pool.length)], random.nextInt(b.body.size())));
            return true;
        }
        Elementwise op = Elementwise.values()[random.nextInt(Elementwise.values().length)];
        List<Integer> args = new ArrayList<>();
        List<Type> types = new ArrayList<>();
        for (int i = 0; i < op.arity(); i++) {
            args.add(random.nextInt(b.body.size()));
            types.add(new Type(b.body.get(args.get(i)).type(), Shape.of(1)));
        }
        try {
            b.add(new Instruction.Apply(op, op.infer(types).dtype(), args));
            return true;
        } catch (KawiException e) {
            return false;
        }
    }
}
