package kawi.cpu.codegen;

/** A value of a {@link Program} under construction, with the basic operations as methods, so that formulas read as such. */
record Value(Program program, int id) {
    Lane lane() {
        return program.step(id).lane();
    }

    private Value op(Basic op, Value... rest) {
        Value[] args = new Value[rest.length + 1];
        args[0] = this;
        System.arraycopy(rest, 0, args, 1, rest.length);
        return program.add(op, op.isComparison() ? Lane.MASK : lane(), 0, args);
    }

    /** A literal of this value's lane. */
    Value of(double x) {
        return program.constant(lane(), x);
    }

    Value plus(Value b) {
        return op(Basic.ADD, b);
    }

    Value plus(double b) {
        return plus(of(b));
    }

    Value minus(Value b) {
        return op(Basic.SUB, b);
    }

    Value minus(double b) {
        return minus(of(b));
    }

    Value times(Value b) {
        return op(Basic.MUL, b);
    }

    Value times(double b) {
        return times(of(b));
    }

    Value over(Value b) {
        return op(Basic.DIV, b);
    }

    Value remainder(Value b) {
        return op(Basic.REM, b);
    }

    Value negate() {
        return op(Basic.NEG);
    }

    Value abs() {
        return op(Basic.ABS);
    }

    Value sqrt() {
        return op(Basic.SQRT);
    }

    Value min(Value b) {
        return op(Basic.MIN, b);
    }

    Value max(Value b) {
        return op(Basic.MAX, b);
    }

    /** this·b + c, rounded once. */
    Value fma(Value b, Value c) {
        return op(Basic.FMA, b, c);
    }

    Value fma(double b, Value c) {
        return fma(of(b), c);
    }

    Value fma(Value b, double c) {
        return fma(b, of(c));
    }

    /** Horner's scheme with fused steps: this is x, coefficients from the highest power down. */
    Value polynomial(double... coefficients) {
        Value sum = of(coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            sum = sum.fma(this, coefficients[i]);
        }
        return sum;
    }

    Value and(Value b) {
        return op(Basic.AND, b);
    }

    Value and(long bits) {
        return and(program.bits(lane(), bits));
    }

    Value or(Value b) {
        return op(Basic.OR, b);
    }

    Value xor(Value b) {
        return op(Basic.XOR, b);
    }

    Value not() {
        return op(Basic.NOT);
    }

    Value shiftLeft(int bits) {
        return program.add(Basic.SHL, lane(), bits, this);
    }

    Value shiftRight(int bits) {
        return program.add(Basic.SHR, lane(), bits, this);
    }

    Value shiftRightSigned(int bits) {
        return program.add(Basic.SAR, lane(), bits, this);
    }

    Value rotateLeft(int bits) {
        return program.add(Basic.ROTL, lane(), bits, this);
    }

    Value shiftRight(Value by) {
        return op(Basic.SHR_BY, by);
    }

    Value less(Value b) {
        return op(Basic.LT, b);
    }

    Value less(double b) {
        return less(of(b));
    }

    Value greater(Value b) {
        return b.less(this);
    }

    Value greater(double b) {
        return greater(of(b));
    }

    Value lessOrEqual(Value b) {
        return op(Basic.LE, b);
    }

    Value same(Value b) {
        return op(Basic.EQ, b);
    }

    Value same(double b) {
        return same(of(b));
    }

    Value differs(Value b) {
        return op(Basic.NE, b);
    }

    Value differs(double b) {
        return differs(of(b));
    }

    /** For a mask: {@code yes} where it is true, else {@code no}. */
    Value select(Value yes, Value no) {
        return program.add(Basic.SELECT, yes.lane(), 0, this, yes, no);
    }

    Value select(double yes, Value no) {
        return select(no.of(yes), no);
    }

    Value select(Value yes, double no) {
        return select(yes, yes.of(no));
    }

    /** For a result: f(argument) in its place where {@code wrong} is true. */
    Value correct(DoubleFunction f, Value argument, Value wrong) {
        return program.add(Basic.CORRECT, lane(), f.ordinal(), argument, this, wrong);
    }

    /** The bits of a floating-point lane as an integer, or the reverse. */
    Value bits() {
        Lane to = switch (lane()) {
            case F32 -> Lane.I32;
            case I32 -> Lane.F32;
            case F64 -> Lane.I64;
            case I64 -> Lane.F64;
            case MASK -> throw new IllegalStateException("a mask has no bits");
        };
        return program.add(Basic.BITS, to, 0, this);
    }

    Value convert(Lane to) {
        return lane() == to ? this : program.add(Basic.CONVERT, to, 0, this);
    }
}
