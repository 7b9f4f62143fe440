package kawi.linalg;

import java.util.List;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Node;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * The sign of det A and ln|det A|, packed: 0 and −∞ for a singular matrix. Derivative of the logarithm: A⁻ᵀ, an error where A is
 * singular (Giles 2008, section 2.2.4).
 */
record SignAndLogDeterminant() implements MatrixOp {
    static Packed parts(Shape s) {
        return new Packed(MatrixOp.batch(s)).with().with();
    }

    @Override
    public String label() {
        return "slogdet";
    }

    @Override
    public Type infer(List<Type> in) {
        return parts(square(in.get(0)).shape()).type(in.get(0));
    }

    @Override
    public double[] compute(DMatrixRMaj[] in) {
        return in[0].numRows == 0 ? new double[] {1, 0} : new Lu(in[0]).signAndLog();
    }

    @Override
    public @Nullable Node[] vjp(Node self, Node g, boolean[] wanted) {
        Node a = self.inputs()[0];
        Node byLog = parts(a.type().shape()).cotangent(g, 1);
        if (byLog == null) {
            return new @Nullable Node[] {null};
        }
        Node inverse = Node.of(new Inverse(true), a);
        return new @Nullable Node[] {Graph.mul(Matrices.column(Matrices.column(byLog)), Matrices.transpose(inverse))};
    }
}
