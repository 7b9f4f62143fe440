package kawi.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.base.Shape;
import kawi.graph.Cast;
import kawi.graph.Contraction;
import kawi.graph.Elementwise;
import kawi.graph.Identity;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Pooling;
import kawi.graph.Reduction;
import org.jspecify.annotations.Nullable;

/**
 * How many rows and columns of an input {@code [N, C, H, W]} one place of a result depends on: r grows with each window by (k − 1)·j, k the
 * window's extent with its dilation, and j, the distance of neighbouring places in rows of the input, by the stride (Araujo, Norris, Sim
 * 2019, <em>Computing receptive fields of convolutional neural networks</em>). Padding does not count against it, so it may be larger than the input.
 *
 * @param height rows
 * @param width columns
 */
public record ReceptiveField(int height, int width) {
    /** Receptive field and distance of neighbours along both axes. */
    private record Reach(long height, long width, long stepHeight, long stepWidth) {
        Reach window(int kernelH, int kernelW, Contraction.Window w) {
            return new Reach(
                    height + (kernelH - 1L) * w.dilationH() * stepHeight,
                    width + (kernelW - 1L) * w.dilationW() * stepWidth,
                    stepHeight * w.strideH(),
                    stepWidth * w.strideW());
        }

        Reach join(Reach o) {
            return new Reach(
                    Math.max(height, o.height),
                    Math.max(width, o.width),
                    Math.max(stepHeight, o.stepHeight),
                    Math.max(stepWidth, o.stepWidth));
        }
    }

    /**
     * The receptive field of each place of a result, if all between are convolutions, pooling, and functions of single places, also on
     * branches that join; empty where the result does not depend on the input, or an operation mixes places in another way, as a dense
     * layer does: then it is taken to be everything.
     */
    public static Optional<ReceptiveField> of(Tensor input, Tensor output) {
        if (input.rank() != 4) {
            return Optional.empty();
        }
        Map<Node, Optional<Reach>> known = new IdentityHashMap<>();
        known.put(input.node(), Optional.of(new Reach(1, 1, 1, 1)));
        try {
            for (Node node : order(input.node(), output.node())) {
                known.computeIfAbsent(node, n -> Optional.ofNullable(reach(n, known)));
            }
        } catch (Everything e) {
            return Optional.empty();
        }
        return known.getOrDefault(output.node(), Optional.empty())
                .map(r -> new ReceptiveField(Math.toIntExact(r.height), Math.toIntExact(r.width)));
    }

    /** A place depends on more than a window. */
    private static final class Everything extends RuntimeException {
        private static final long serialVersionUID = 1;

        Everything() {
            super("everything", null, false, false);
        }
    }

    private static @Nullable Reach reach(Node node, Map<Node, Optional<Reach>> known) {
        List<Reach> of = new ArrayList<>();
        for (Node in : node.inputs()) {
            known.getOrDefault(in, Optional.empty()).ifPresent(of::add);
        }
        if (of.isEmpty()) {
            return null;
        }
        Reach in = of.stream().reduce(Reach::join).orElseThrow();
        Shape first = node.inputs()[0].type().shape();
        return switch (node.op()) {
            case Contraction.Conv2d c
            when of.size() == 1
                    && known.getOrDefault(node.inputs()[0], Optional.empty()).isPresent() -> {
                Shape kernel = node.inputs()[1].type().shape();
                yield in.window(kernel.dim(2), kernel.dim(3), c.window());
            }
            case Pooling.MaxPoolIndex p ->
                in.window(p.pool().kernelH(), p.pool().kernelW(), p.pool().window());
            case Pooling.SumPool p ->
                in.window(p.pool().kernelH(), p.pool().kernelW(), p.pool().window());
            case Pooling.PlaneGather _ ->
                known.getOrDefault(node.inputs()[1], Optional.empty()).orElseThrow(Everything::new);
            case Elementwise _ -> in;
            case Cast _ -> in;
            case Identity.Silent _ -> in;
            case Movement.StopGradient _ -> in;
            case Movement.Concat c when c.axis() < 2 -> in;
            case Movement.Expand _
            when first.rank() == 4 && places(first).equals(places(node.type().shape())) -> in;
            case Movement.Slice s when dense(s.step()) -> in;
            case Movement.Embed e when dense(e.step()) -> in;
            case Movement.Permute p when p.order().equals(List.of(1, 0, 2, 3)) -> in;
            case Movement.Reshape r when r.shape().rank() != 4 || places(first).equals(places(r.shape())) -> in;
            case Reduction.Reduce r when first.rank() == 4 && r.axis() == 1 -> in;
            default -> throw new Everything();
        };
    }

    private static boolean dense(List<Integer> steps) {
        return steps.stream().allMatch(s -> s == 1);
    }

    private static Shape places(Shape s) {
        return s.rank() == 4 ? s.without(0, 2) : Shape.SCALAR;
    }

    /** What lies below the output, inputs first; the search ends at the input. */
    private static List<Node> order(Node input, Node output) {
        record Frame(Node node, int[] next) {}
        Map<Node, Boolean> seen = new IdentityHashMap<>();
        seen.put(input, true);
        List<Node> order = new ArrayList<>();
        Deque<Frame> stack = new ArrayDeque<>();
        if (seen.put(output, true) == null) {
            stack.push(new Frame(output, new int[1]));
        }
        while (!stack.isEmpty()) {
            Frame top = stack.peek();
            if (top.next[0] == top.node.inputs().length) {
                order.add(stack.pop().node);
            } else {
                Node in = top.node.inputs()[top.next[0]++];
                if (seen.put(in, true) == null) {
                    stack.push(new Frame(in, new int[1]));
                }
            }
        }
        return order;
    }
}
