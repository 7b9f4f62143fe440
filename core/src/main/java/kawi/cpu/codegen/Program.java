package kawi.cpu.codegen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a kernel computes at one point: basic steps, each a value named by its position. Equal steps are one (a body that
 * asks for exp x twice computes it once), and steps that no result needs never get code.
 */
final class Program {
    /** A step; arguments that it does not have are −1. The literal is a constant's bits, a slot, an access, or a shift. */
    record Step(Basic op, Lane lane, int a, int b, int c, long literal) {}

    private final List<Step> steps = new ArrayList<>();
    private final Map<Step, Integer> known = new HashMap<>();

    List<Step> steps() {
        return steps;
    }

    Step step(int value) {
        return steps.get(value);
    }

    int size() {
        return steps.size();
    }

    Value add(Basic op, Lane lane, long literal, Value... args) {
        int[] id = {-1, -1, -1};
        for (int i = 0; i < args.length; i++) {
            id[i] = args[i].id();
        }
        Step step = new Step(op, lane, id[0], id[1], id[2], literal);
        Integer old = known.get(step);
        if (old == null) {
            old = steps.size();
            steps.add(step);
            known.put(step, old);
        }
        return new Value(this, old);
    }

    /** A literal of a lane, rounded to it. */
    Value constant(Lane lane, double x) {
        return switch (lane) {
            case F32 -> bits(lane, Float.floatToRawIntBits((float) x));
            case F64 -> bits(lane, Double.doubleToRawLongBits(x));
            default -> bits(lane, (long) x);
        };
    }

    /** A literal given by its bits. */
    Value bits(Lane lane, long bits) {
        return add(Basic.CONST, lane, bits);
    }

    /** Which steps the given values depend on, themselves included. */
    boolean[] needed(Iterable<Integer> values) {
        boolean[] needed = new boolean[steps.size()];
        for (int v : values) {
            needed[v] = true;
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            if (needed[i]) {
                Step s = steps.get(i);
                for (int arg : new int[] {s.a, s.b, s.c}) {
                    if (arg >= 0) {
                        needed[arg] = true;
                    }
                }
            }
        }
        return needed;
    }
}
