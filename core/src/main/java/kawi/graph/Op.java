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

    /** Whether the result has a derivative with respect to any input. */
    default boolean differentiable() {
        return true;
    }

    /** No cotangents: for operations without derivative. */
    static @Nullable Node[] none(Node self) {
        return new Node[self.inputs().length];
    }
}
