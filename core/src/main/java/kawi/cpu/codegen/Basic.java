package kawi.cpu.codegen;

/**
 * The basic lane operations. Each gives the same bits in the interpreter, compiled by C1 or C2, and as a vector of any
 * width (NaN payloads apart); everything else is written in terms of them. A transcendental intrinsic has no place here.
 */
enum Basic {
    /** A literal, as raw bits. */
    CONST,
    /** The argument of the launch in a slot. */
    SCALAR,
    /** The element at an access. */
    LOAD,
    /** The number of an access without buffer. */
    INDEX,
    ADD,
    SUB,
    MUL,
    /** For integers (scalar form only) the divisor is never 0. */
    DIV,
    /** Remainder of integers, scalar form only; the divisor is never 0. */
    REM,
    NEG,
    ABS,
    SQRT,
    /** As {@link Math#min(float, float)}: NaN if either is, −0 below +0. */
    MIN,
    /** As {@link Math#max(float, float)}. */
    MAX,
    /** a·b + c rounded once. Only the library's own functions use it: a user's multiply and add round twice. */
    FMA,
    AND,
    OR,
    XOR,
    NOT,
    /** Shift by a literal number of bits. */
    SHL,
    SHR,
    SAR,
    ROTL,
    /** Unsigned shift to the right by another value, modulo the width. */
    SHR_BY,
    LT,
    LE,
    EQ,
    NE,
    /** The second where the first is true, else the third. */
    SELECT,
    /** Reinterprets a floating-point lane as the integer of its width, or the reverse. */
    BITS,
    /** A change of number type, as Java's casts. */
    CONVERT,
    /** The second value, but where the third is true a {@link DoubleFunction} of the first; that is rare. */
    CORRECT,
    /** A static method on doubles that gives the same bits wherever it runs; scalar form only. */
    CALL;

    boolean isComparison() {
        return this == LT || this == LE || this == EQ || this == NE;
    }

    /** Whether the order of the two operands is of no matter; MIN and MAX included. */
    boolean commutes() {
        return switch (this) {
            case ADD, MUL, MIN, MAX, AND, OR, XOR, EQ, NE -> true;
            default -> false;
        };
    }
}
