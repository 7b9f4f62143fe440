package kawi.tensor;

import org.jspecify.annotations.Nullable;

/**
 * One entry between NumPy's brackets, for {@link Tensor#index}, {@link Tensor#indexPut} and {@link Tensor#indexAdd}: a
 * place, a range, all of
 * an axis, the axes not named, a new axis; or a tensor, of integers (places) or of truth values (a mask over as many
 * axes as it has).
 *
 * <p>{@code x[1, ..., ::2]} is {@code x.index(at(1), ELLIPSIS, step(2))} after {@code import static kawi.tensor.Index.*}.
 */
public sealed interface Index permits Index.At, Index.Range, Index.Marker, Tensor {
    /** All of an axis, NumPy's {@code :}. */
    Index ALL = new Range(null, null, 1);

    /** All axes that no other entry speaks of, NumPy's {@code ...}; once at most. */
    Index ELLIPSIS = Marker.ELLIPSIS;

    /** A new axis of extent 1, NumPy's {@code None}. */
    Index NEW_AXIS = Marker.NEW_AXIS;

    /** Entries without a number. */
    enum Marker implements Index {
        /** See {@link Index#ELLIPSIS}. */
        ELLIPSIS,
        /** See {@link Index#NEW_AXIS}. */
        NEW_AXIS
    }

    /** One place of an axis, which disappears; negative ones count from the end. */
    record At(int place) implements Index {}

    /** Places {@code from}, {@code from + step}, … before {@code to}; null where NumPy has nothing beside the colon. */
    record Range(@Nullable Integer from, @Nullable Integer to, int step) implements Index {}

    /** One place of an axis, which disappears; negative ones count from the end. */
    static Index at(int place) {
        return new At(place);
    }

    /** NumPy's {@code from:to}. */
    static Index range(int from, int to) {
        return new Range(from, to, 1);
    }

    /** NumPy's {@code from:to:step}. */
    static Index range(int from, int to, int step) {
        return new Range(from, to, step);
    }

    /** NumPy's {@code from:}. */
    static Index from(int from) {
        return new Range(from, null, 1);
    }

    /** NumPy's {@code :to}. */
    static Index to(int to) {
        return new Range(null, to, 1);
    }

    /** NumPy's {@code ::step}; −1 turns an axis round. */
    static Index step(int step) {
        return new Range(null, null, step);
    }

    /** Several places of an axis, NumPy's list of integers. */
    static Index places(int... places) {
        return Tensor.of(places);
    }

    /** Where true, NumPy's list of truth values. */
    static Index mask(boolean... mask) {
        return Tensor.of(mask);
    }
}
