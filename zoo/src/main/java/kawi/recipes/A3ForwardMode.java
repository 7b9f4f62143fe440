package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import kawi.base.DType;
import kawi.graph.Ops;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;

/**
 * Forward mode carries the derivative along with the value, as dual numbers do (x + ẋε with ε² = 0; Griewank and Walther 2008,
 * <em>Evaluating Derivatives</em>, chapter 3), and gives Jv; reverse mode gives Jᵀu. Whatever the function, for any u and v
 *
 * <pre>
 *   ⟨u, Jv⟩ = ⟨Jᵀu, v⟩
 * </pre>
 *
 * which is tried here for every primitive operation with respect to each of its inputs, over odd, empty, size-one and broadcast shapes. In
 * double precision Jv is also held against the central difference (f(x + hv) − f(x − hv)) / 2h.
 */
final class A3ForwardMode implements Demonstration {
    private static final double STEP = 1e-5;
    private final long largest;

    A3ForwardMode() {
        this(400);
    }

    /** With samples of up to so many elements. */
    A3ForwardMode(long largest) {
        this.largest = largest;
    }

    @Override
    public String id() {
        return "A3";
    }

    @Override
    public String sentence() {
        return "forward mode agrees with reverse mode, ⟨u,Jv⟩ = ⟨Jᵀu,v⟩, for every operation";
    }

    @Override
    public void run(Report report) {
        Set<String> operations = new TreeSet<>();
        int derivatives = 0;
        int compared = 0;
        double worstDot = 0;
        double worstDifference = 0;
        String worst = "";
        for (OpSample s : OpSample.all(largest)) {
            if (!s.sample().smooth() || !finite(s.apply(s.tensors()))) {
                continue; // −∞ has no differences, as where a query of an attention sees no key
            }
            boolean doubles = s.sample().result().dtype() == DType.F64
                    && s.sample().inputs().stream().noneMatch(i -> i.dtype() == DType.F32);
            for (int k = 0; k < s.arrays().size(); k++) {
                Ops.Input input = s.sample().inputs().get(k);
                if (!input.dtype().isFloat() || input.whole()) {
                    continue;
                }
                Products p = Products.of(s, k);
                operations.add(s.operation());
                derivatives++;
                if (p.dotError > worstDot) {
                    worstDot = p.dotError;
                    worst = s.sample().name();
                }
                if (doubles) {
                    compared++;
                    worstDifference = Math.max(worstDifference, p.differenceError);
                }
            }
        }
        report.say("%d operations: %s", operations.size(), String.join(" ", operations));
        report.say("The least exact: %s", worst);
        report.figure("operations", "operations", operations.size(), Reference.exactly(differentiable()));
        report.figure("derivatives", "derivatives by one input", derivatives, Reference.NONE);
        // each side is a sum of products, rounded as they are
        report.figure("dot_error", "⟨u,Jv⟩ − ⟨Jᵀu,v⟩, in roundings", worstDot, Reference.atMost(100));
        report.figure("compared", "of them compared with differences, in f64", compared, Reference.atLeast(100));
        // truncation is h²/6 times a third derivative, rounding ε/h
        report.figure("difference_error", "Jv against central differences", worstDifference, Reference.atMost(1e-7));
    }

    /** How many operations have derivatives at all. */
    private static long differentiable() {
        return Ops.all().stream()
                .filter(Ops.Sample::smooth)
                .map(s -> OpSample.of(s).operation())
                .distinct()
                .count();
    }

    private static boolean finite(Tensor t) {
        return t.size() == 0 || t.isFinite().all().item() == 1;
    }

    /**
     * The products of one Jacobian.
     *
     * @param dotError |⟨u, Jv⟩ − ⟨Jᵀu, v⟩| in units of the rounding of its terms
     * @param differenceError of Jv against differences, relative to the value
     */
    private record Products(double dotError, double differenceError) {
        static Products of(OpSample s, int k) {
            List<Tensor> inputs = s.tensors();
            UnaryOperator<Tensor> f = x -> {
                List<Tensor> others = new ArrayList<>(inputs);
                others.set(k, x);
                return s.apply(others);
            };
            Tensor x = inputs.get(k);
            Tensor v = direction(s, x);
            Transform.Jvp forward = Transform.jvp(f, x, v);
            Tensor u = direction(s, forward.value());
            Tensor jtu = Transform.vjp(f, x).pullback().apply(u);
            Tensor uJv = u.mul(forward.tangent()).to(DType.F64);
            Tensor jtuV = jtu.mul(v).to(DType.F64);
            double unit = forward.value().dtype() == DType.F32 || x.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
            double size = Math.max(1, uJv.abs().sum().item() + jtuV.abs().sum().item());
            double dot = Math.abs(uJv.sum().item() - jtuV.sum().item()) / (size * unit);

            Tensor difference =
                    f.apply(x.add(v.mul(STEP))).sub(f.apply(x.sub(v.mul(STEP)))).div(2 * STEP);
            Tensor scale = difference.abs().maximum(forward.value().abs()).maximum(Tensor.scalar(1, x.dtype()));
            Tensor off = forward.tangent().sub(difference).abs().div(scale);
            return new Products(dot, off.size() == 0 ? 0 : off.max().item());
        }

        private static Tensor direction(OpSample s, Tensor like) {
            return OpSample.tensor(new Ops.Input(like.dtype(), like.shape(), -1, 1, false).draw(s.random()));
        }
    }
}
