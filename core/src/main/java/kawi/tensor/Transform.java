package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import kawi.autodiff.Checkpoint;
import kawi.autodiff.CustomRule;
import kawi.autodiff.Gradients;
import kawi.autodiff.Rewriting;
import kawi.autodiff.Tangents;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Type;

/**
 * Functions of tensors from functions of tensors: derivatives of any order and kind, and batching. They nest in any way,
 * and what they give can be differentiated by {@link Kawi#grad} as well:
 *
 * <pre>
 *   grad(f).apply(x)                    ∇f(x)
 *   hessian(f).apply(x)                 ∇²f(x)
 *   vmap(grad(f)).apply(batch)          the gradient at every example
 *   jvp(grad(f), x, v).tangent()        ∇²f(x)·v
 * </pre>
 *
 * <p>A function is called once for each application, as it stands: it may read values and branch on them, except inside of
 * {@link #vmap}. It may read variables and other tensors from outside, which are constants to the transformation, though not
 * to one around it. A random number that it draws from the global stream is drawn once. As in {@code torch.func} and JAX, the
 * derivative of a function of two arguments is that by the first.
 */
public final class Transform {
    /** In place of an axis: this argument of {@link #vmap} is the same for all examples. */
    public static final int UNMAPPED = Integer.MAX_VALUE;

    private Transform() {}

    // Backwards

    /**
     * x ↦ ∇f(x), of the shape of x.
     *
     * @param f a function whose value is one floating-point number
     */
    public static UnaryOperator<Tensor> grad(Function<Tensor, Tensor> f) {
        return x -> valueAndGrad(f).apply(x).gradient();
    }

    /** (x, a) ↦ ∂f(x, a)/∂x: the gradient by the first argument. */
    public static BinaryOperator<Tensor> grad(BiFunction<Tensor, Tensor, Tensor> f) {
        return (x, a) -> grad((Tensor z) -> f.apply(z, a)).apply(x);
    }

    /** (x₁, x₂, …) ↦ (∂f/∂x₁, ∂f/∂x₂, …): the gradients by all arguments. */
    public static Function<List<Tensor>, List<Tensor>> gradAll(Function<List<Tensor>, Tensor> f) {
        return xs -> marked(xs, marks -> {
            marks.forEach(x -> needFloat("an argument", x));
            return Kawi.grad(f.apply(marks), marks);
        });
    }

    /** A value and the gradient there. */
    public record ValueAndGrad(Tensor value, Tensor gradient) {}

    /** x ↦ (f(x), ∇f(x)). */
    public static Function<Tensor, ValueAndGrad> valueAndGrad(Function<Tensor, Tensor> f) {
        return x -> marked(x, mark -> {
            needFloat("x", mark);
            Tensor y = f.apply(mark);
            return new ValueAndGrad(y, Kawi.grad(y, mark));
        });
    }

    /** (x, a) ↦ (f(x, a), ∂f(x, a)/∂x). */
    public static BiFunction<Tensor, Tensor, ValueAndGrad> valueAndGrad(BiFunction<Tensor, Tensor, Tensor> f) {
        return (x, a) -> valueAndGrad((Tensor z) -> f.apply(z, a)).apply(x);
    }

    /** A value and the linear map v ↦ Jᵀ·v there. */
    public record Vjp(Tensor value, UnaryOperator<Tensor> pullback) {}

    /**
     * f(x) and the vector-Jacobian product v ↦ Jᵀ·v, J = ∂f(x)/∂x, for v of the shape of f(x): reverse mode, where one
     * product takes about as long as two or three values.
     */
    public static Vjp vjp(Function<Tensor, Tensor> f, Tensor x) {
        return marked(x, mark -> {
            Tensor y = f.apply(mark);
            Node v = Node.placeholder(y.type());
            Node product = transposed(mark, y, v);
            return new Vjp(y, vector -> {
                Node value = sameShape("vjp", "f(x)", vector, y);
                return Tensor.of(
                        Rewriting.substitute(List.of(product), Map.of(v, value)).getFirst());
            });
        });
    }

    private static Node transposed(Tensor x, Tensor y, Node v) {
        needFloat("x", x);
        Node product = Gradients.of(y.node(), v, List.of(x.node())).getFirst();
        return product != null ? product : Graph.scalar(0, x.node());
    }

    // Forwards

    /** A value and its derivative along a direction. */
    public record Jvp(Tensor value, Tensor tangent) {}

    /**
     * f(x) and the Jacobian-vector product J·v = d/dt f(x + t·v) at t = 0: forward mode, where a product takes about as long
     * as a value or two and nothing is kept.
     *
     * @param v a direction, of the shape of x
     */
    public static Jvp jvp(Function<Tensor, Tensor> f, Tensor x, Tensor v) {
        Node direction = sameShape("jvp", "x", v, x);
        return marked(x, mark -> {
            Tensor y = f.apply(mark);
            return new Jvp(y, Tensor.of(pushed(mark, y, direction)));
        });
    }

    private static Node pushed(Tensor x, Tensor y, Node v) {
        needFloat("x", x);
        needFloat("f(x)", y);
        Node product = Tangents.of(List.of(y.node()), Map.of(x.node(), v)).getFirst();
        return product != null ? product : Graph.scalar(0, y.node());
    }

    // Matrices of derivatives

    /** x ↦ ∂f(x)/∂x, of shape {@code [shape of f(x)…, shape of x…]}: forwards if x has no more elements than f(x), else backwards. */
    public static UnaryOperator<Tensor> jacobian(Function<Tensor, Tensor> f) {
        return x -> marked(x, mark -> {
            Tensor y = f.apply(mark);
            return x.size() <= y.size() ? byColumns(mark, y) : byRows(mark, y);
        });
    }

    /** {@link #jacobian} by forward mode, all columns J·eⱼ in one batch: for functions of few numbers. */
    public static UnaryOperator<Tensor> jacfwd(Function<Tensor, Tensor> f) {
        return x -> marked(x, mark -> byColumns(mark, f.apply(mark)));
    }

    /** {@link #jacobian} by reverse mode, all rows Jᵀ·eᵢ in one batch: for functions whose values are few numbers. */
    public static UnaryOperator<Tensor> jacrev(Function<Tensor, Tensor> f) {
        return x -> marked(x, mark -> byRows(mark, f.apply(mark)));
    }

    private static Tensor byColumns(Tensor x, Tensor y) {
        Node v = Node.placeholder(x.type());
        Node columns = atBasis(pushed(x, y, v), v);
        return Tensor.of(Graph.reshape(Graph.moveAxis(columns, 0, y.rank()), joined(y.shape(), x.shape())));
    }

    private static Tensor byRows(Tensor x, Tensor y) {
        Node v = Node.placeholder(y.type());
        return Tensor.of(Graph.reshape(atBasis(transposed(x, y, v), v), joined(y.shape(), x.shape())));
    }

    /** A linear map for each vector of the basis, along a leading axis. */
    private static Node atBasis(Node product, Node v) {
        Shape s = v.type().shape();
        int n = Math.toIntExact(s.size());
        Shape square = Shape.of(n, n);
        Node unit = Graph.equal(Graph.iota(DType.I64, square, 0), Graph.iota(DType.I64, square, 1));
        Node basis = Graph.reshape(Graph.cast(unit, v.type().dtype()), s.inserted(0, n));
        return Rewriting.batch(List.of(product), Map.of(v, basis), n).getFirst();
    }

    private static Shape joined(Shape a, Shape b) {
        int[] dims = Arrays.copyOf(a.dims(), a.rank() + b.rank());
        System.arraycopy(b.dims(), 0, dims, a.rank(), b.rank());
        return Shape.of(dims);
    }

    /** x ↦ ∇²f(x), of shape {@code [shape of x…, shape of x…]}: forwards over backwards. */
    public static UnaryOperator<Tensor> hessian(Function<Tensor, Tensor> f) {
        return jacfwd(grad(f));
    }

    /** ∇²f(x)·v without the matrix, in the time of a few gradients (Pearlmutter 1994, <em>Fast exact multiplication by the Hessian</em>). */
    public static Tensor hvp(Function<Tensor, Tensor> f, Tensor x, Tensor v) {
        return jvp(grad(f), x, v).tangent();
    }

    // Batching

    /** {@code [n, …] → [n, …]}: f at every example along the first axis. See {@link #vmapAll}. */
    public static UnaryOperator<Tensor> vmap(Function<Tensor, Tensor> f) {
        return vmap(f, 0);
    }

    /** f at every example along an axis; the results lie along the first. See {@link #vmapAll}. */
    public static UnaryOperator<Tensor> vmap(Function<Tensor, Tensor> f, int axis) {
        return x -> vmapAll(xs -> List.of(f.apply(xs.getFirst())), axis)
                .apply(List.of(x))
                .getFirst();
    }

    /** f at every pair of examples along the axes, of which one may be {@link #UNMAPPED}. See {@link #vmapAll}. */
    public static BinaryOperator<Tensor> vmap(BiFunction<Tensor, Tensor, Tensor> f, int axisOfFirst, int axisOfSecond) {
        return (x, a) -> vmapAll(xs -> List.of(f.apply(xs.get(0), xs.get(1))), axisOfFirst, axisOfSecond)
                .apply(List.of(x, a))
                .getFirst();
    }

    /**
     * A function at every example of a batch, as one program in which each operation has become one on the whole batch; the
     * results have a leading axis that counts the examples. The function is called once, with tensors that stand for one
     * example and have no values to be read. What it draws at random is the same for all examples; for other numbers, draw
     * a batch of them outside and give it as an argument.
     *
     * @param axes for each argument the axis that counts the examples, or {@link #UNMAPPED}
     */
    public static Function<List<Tensor>, List<Tensor>> vmapAll(Function<List<Tensor>, List<Tensor>> f, int... axes) {
        return xs -> {
            if (xs.size() != axes.length) {
                throw new KawiException("vmap: %d axes are given for %d arguments; one for each is needed, or UNMAPPED"
                        .formatted(axes.length, xs.size()));
            }
            int count = -1;
            List<Tensor> arguments = new ArrayList<>();
            Map<Node, Node> examples = new IdentityHashMap<>();
            for (int k = 0; k < axes.length; k++) {
                Tensor x = xs.get(k);
                if (axes[k] == UNMAPPED) {
                    arguments.add(x);
                    continue;
                }
                int axis = x.shape().axis(axes[k], "vmap");
                if (count >= 0 && count != x.dim(axis)) {
                    throw new KawiException(
                            "vmap: argument %d, %s, has %d examples along axis %d, but those before it have %d"
                                    .formatted(k, x.type(), x.dim(axis), axis, count));
                }
                count = x.dim(axis);
                Node one = Node.placeholder(new Type(x.dtype(), x.shape().without(axis, axis + 1)));
                examples.put(one, Graph.moveAxis(x.node(), axis, 0));
                arguments.add(new Tensor(one));
            }
            if (count < 0) {
                throw new KawiException("vmap: all arguments are UNMAPPED; at least one needs an axis of examples");
            }
            List<Node> results = f.apply(arguments).stream().map(Tensor::node).toList();
            return Rewriting.batch(results, examples, count).stream()
                    .map(Tensor::of)
                    .toList();
        };
    }

    // Other rules

    /**
     * f itself, whose derivative computes f again in the backward pass in place of keeping what it computed: with a
     * checkpoint at every √depth-th layer of a network the memory of a step grows as √depth, for one forward pass more
     * (Chen et al. 2016, <em>Training deep nets with sublinear memory cost</em>). The numbers are the same
     * bit for bit, except for the order of the sum where several checkpoints read one weight. Nothing is saved where f is run
     * one operation at a time ({@link Kawi#eager}).
     */
    public static UnaryOperator<Tensor> checkpoint(Function<Tensor, Tensor> f) {
        return x -> marked(x, mark -> Tensor.of(Checkpoint.of(f.apply(mark).node(), List.of(mark.node()))));
    }

    /** As {@link #checkpoint(UnaryOperator)}. */
    public static BinaryOperator<Tensor> checkpoint(BiFunction<Tensor, Tensor, Tensor> f) {
        return (x, a) -> marked(List.of(x, a), marks -> {
            Node y = f.apply(marks.get(0), marks.get(1)).node();
            return Tensor.of(Checkpoint.of(y, marks.stream().map(Tensor::node).toList()));
        });
    }

    /** x as a constant: every derivative of it is 0. The same as {@link Tensor#detach}. */
    public static Tensor stopGradient(Tensor x) {
        return Tensor.of(Node.of(new Movement.StopGradient(), x.node()));
    }

    /** A reverse rule: (x, f(x), v) ↦ the product that is to stand for Jᵀ·v, of the shape of x. */
    public interface Backward {
        /** The cotangent of x from that of y = f(x). */
        Tensor apply(Tensor x, Tensor y, Tensor v);
    }

    /** A reverse rule for several arguments: one product for each. */
    public interface BackwardAll {
        /** The cotangents of all x from that of y = f(x). */
        List<Tensor> apply(List<Tensor> xs, Tensor y, Tensor v);
    }

    /**
     * f itself, with a derivative that is given in place of its own. Where that is linear in v, forward mode follows from it;
     * where not, as when gradients are clipped, {@link #jvp} and what builds on it say so. The function may read no other
     * tensor that is differentiated than its argument; what {@code backward} reads from outside is a constant.
     */
    public static UnaryOperator<Tensor> customGradient(Function<Tensor, Tensor> f, Backward backward) {
        Function<List<Tensor>, Tensor> all = customGradientAll(
                xs -> f.apply(xs.getFirst()), (xs, y, v) -> List.of(backward.apply(xs.getFirst(), y, v)));
        return x -> all.apply(List.of(x));
    }

    /** As {@link #customGradient}, for several arguments. */
    public static Function<List<Tensor>, Tensor> customGradientAll(
            Function<List<Tensor>, Tensor> f, BackwardAll backward) {
        CustomRule.Reverse reverse = (arguments, value, cotangent) -> {
            List<Tensor> found =
                    backward.apply(arguments.stream().map(Tensor::of).toList(), Tensor.of(value), Tensor.of(cotangent));
            List<Type> types = found.stream().map(Tensor::type).toList();
            List<Type> wanted = arguments.stream().map(Node::type).toList();
            if (!types.equals(wanted)) {
                throw new KawiException(
                        "customGradient: for arguments %s the backward function gave %s; one product of the same type for each is needed"
                                .formatted(wanted, types));
            }
            return found.stream().map(Tensor::node).toList();
        };
        return xs -> marked(xs, marks -> {
            List<Node> nodes = marks.stream().map(Tensor::node).toList();
            return Tensor.of(CustomRule.of(f.apply(marks).node(), nodes, reverse));
        });
    }

    // Common

    /** Calls a function with a tensor under a name of its own, by which its derivatives are kept meanwhile. */
    private static <R> R marked(Tensor x, Function<Tensor, R> work) {
        return marked(List.of(x), marks -> work.apply(marks.getFirst()));
    }

    private static <R> R marked(List<Tensor> xs, Function<List<Tensor>, R> work) {
        List<Tensor> marks = new ArrayList<>();
        for (Tensor x : xs) {
            marks.add(new Tensor(Node.mark(x.node())));
        }
        try {
            return work.apply(Collections.unmodifiableList(marks));
        } finally {
            marks.forEach(m -> m.node().release());
        }
    }

    private static void needFloat(String what, Tensor t) {
        if (!t.dtype().isFloat()) {
            throw new KawiException(
                    "only floating-point tensors are differentiated, but %s is %s; cast it with .to(DType.F32)"
                            .formatted(what, t.type()));
        }
    }

    private static Node sameShape(String what, String as, Tensor v, Tensor like) {
        if (!v.shape().equals(like.shape())) {
            throw new KawiException(
                    "%s: the vector has shape %s, but %s has shape %s".formatted(what, v.shape(), as, like.shape()));
        }
        return Graph.cast(v.node(), like.dtype());
    }
}
