package kawi.graph;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A primitive operation, declared once: its name, its attributes (the fields of the record or enum constant that
 * implements this), the type of its result, its meaning and its derivative. Two operations are the same if they are
 * equal; plans are cached under that equality.
 *
 * <p>Most of what a user calls is a composition of these and needs no operation of its own.
 */
public interface Op {
    /** Name as it stands in messages. */
    String label();

    /** Type of the result; throws {@link kawi.base.KawiException} where the inputs do not fit. */
    Type infer(List<Type> inputs);

    /** The meaning, element by element and without haste: what every backend must agree with. */
    HostArray evaluate(List<HostArray> inputs, Type result);

    /**
     * Reverse rule: from the cotangent of the result, those of the inputs (null where an input is not differentiable),
     * as nodes of the graph, so that they can be differentiated again.
     *
     * @param wanted which inputs' cotangents are asked for; the others may be null
     */
    @Nullable
    Node[] vjp(Node self, Node cotangent, boolean[] wanted);

    /**
     * Whether elements are only moved or converted. All other operations take {@code F16} and {@code BF16} as
     * {@code F32}, and give that; these take them as they are.
     */
    default boolean takesHalves() {
        return false;
    }

    /** Whether the result has a derivative with respect to any input. */
    default boolean differentiable() {
        return true;
    }

    /**
     * How the result depends on the floating-point inputs. The forward rule follows from this and from the reverse rule,
     * so there is none to be written.
     */
    enum Jacobian {
        /** The result is the first input. */
        IDENTITY,
        /** Each element depends on the elements at its own place: reverse and forward rule are the same. */
        DIAGONAL,
        /** Linear in all of them together: the operation is its own forward rule. */
        LINEAR,
        /** Linear in each of them while the others stay: the forward rule is the product rule. */
        MULTILINEAR,
        /** Anything: the reverse rule is linear in the cotangent, and its transpose is the forward rule. */
        GENERAL
    }

    /** What kind of map this is, for forward mode. {@link Jacobian#GENERAL} is always right, the others take less. */
    default Jacobian jacobian() {
        return Jacobian.GENERAL;
    }

    /**
     * Batching rule: the same operation for every example of a batch, as a node whose first axis counts the examples. It
     * is asked for where at least one input differs between the examples. Where the operation takes any number of axes in
     * front, it is {@code batch.apply(this)}; where it names an axis, that moves up by one.
     */
    Node batch(Batch batch);

    /** No cotangents: for operations without derivative. */
    static @Nullable Node[] none(Node self) {
        return new Node[self.inputs().length];
    }
}
