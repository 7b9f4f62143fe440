package kawi.graph;

import java.util.List;
import kawi.base.View;
import org.jspecify.annotations.Nullable;

/** Operations whose result is their first input: they tell transformations and the schedule something about it. */
public final class Identity {
    private Identity() {}

    /** A view that is its first input. What else it carries is for transformations; no program that runs contains it. */
    public interface Silent extends Movement.Viewing {
        @Override
        default Type infer(List<Type> in) {
            return in.get(0);
        }

        @Override
        default View apply(View v) {
            return v;
        }

        @Override
        default Jacobian jacobian() {
            return Jacobian.IDENTITY;
        }
    }

    /** The input itself under another name, so that derivatives by the one are not derivatives by the other. */
    public record Mark() implements Silent {
        @Override
        public String label() {
            return "mark";
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            return new Node[] {g};
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(this);
        }
    }

    /** A copy of the first input that is made when the others have been computed: it keeps what reads it from running early. */
    public record After() implements Op {
        @Override
        public String label() {
            return "after";
        }

        @Override
        public boolean takesHalves() {
            return true;
        }

        @Override
        public Type infer(List<Type> in) {
            return in.get(0);
        }

        @Override
        public HostArray evaluate(List<HostArray> in, Type result) {
            HostArray out = new HostArray(result);
            for (int i = 0; i < out.size(); i++) {
                out.copy(i, in.get(0), i);
            }
            return out;
        }

        @Override
        public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
            @Nullable Node[] out = Op.none(self);
            out[0] = g;
            return out;
        }

        @Override
        public Jacobian jacobian() {
            return Jacobian.IDENTITY;
        }

        @Override
        public Node batch(Batch b) {
            return b.apply(this);
        }
    }
}
