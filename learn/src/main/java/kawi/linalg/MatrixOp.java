package kawi.linalg;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Batch;
import kawi.graph.HostArray;
import kawi.graph.Node;
import kawi.graph.Op;
import kawi.graph.Type;
import org.ejml.data.DMatrixRMaj;

/**
 * An operation on the matrices in the last two axes of its operands; the axes before them, which the operands have in common,
 * number the matrices of a batch. What it computes of one matrix is computed in double precision, whatever the element type,
 * and rounded once.
 */
interface MatrixOp extends Op {
    /** The numbers of the result for one matrix of each operand, in row-major order; the operands may be overwritten. */
    double[] compute(DMatrixRMaj[] operands);

    @Override
    default Node batch(Batch batch) {
        return batch.apply(this);
    }

    @Override
    default HostArray evaluate(List<HostArray> inputs, Type result) {
        HostArray out = new HostArray(result);
        if (out.size() == 0) {
            return out;
        }
        Shape first = inputs.get(0).shape();
        int count = (int) first.product(0, first.rank() - 2);
        int length = out.size() / count;
        for (int b = 0; b < count; b++) {
            DMatrixRMaj[] operands = new DMatrixRMaj[inputs.size()];
            for (int i = 0; i < operands.length; i++) {
                operands[i] = matrix(inputs.get(i), b);
            }
            double[] numbers;
            try {
                numbers = compute(operands);
            } catch (NoResult e) {
                String which = count == 1 ? "" : " (matrix %d of %d in the batch)".formatted(b, count);
                throw new KawiException("%s: %s%s".formatted(label(), e.getMessage(), which), e);
            }
            for (int i = 0; i < length; i++) {
                out.set(b * length + i, numbers[i]);
            }
        }
        return out;
    }

    private static DMatrixRMaj matrix(HostArray a, int number) {
        DMatrixRMaj m = new DMatrixRMaj(a.shape().dim(-2), a.shape().dim(-1));
        for (int i = 0; i < m.getNumElements(); i++) {
            m.data[i] = a.getDouble(number * m.getNumElements() + i);
        }
        return m;
    }

    /** What is asked for does not exist for this matrix; the message says why and what helps. */
    final class NoResult extends RuntimeException {
        NoResult(String message) {
            super(message);
        }
    }

    // What operands may be

    /** The type, which must be that of floating-point matrices. */
    default Type matrices(Type type) {
        if (type.shape().rank() < 2 || !type.dtype().isFloat()) {
            throw new KawiException(
                    "%s: floating-point matrices [..., m, n] are needed, but %s was given".formatted(label(), type));
        }
        return type;
    }

    /** The type, which must be that of square matrices. */
    default Type square(Type type) {
        Shape s = matrices(type).shape();
        if (s.dim(-1) != s.dim(-2)) {
            throw new KawiException(
                    "%s: square matrices [..., n, n] are needed, but %s was given; pinv, lstsq, svd and qr take others"
                            .formatted(label(), type));
        }
        return type;
    }

    /** The type {@code [..., n, k]} of the right-hand sides, of which each must belong to one of the square matrices. */
    default Type rightSides(Type square, Type type) {
        Shape a = square(square).shape();
        Shape b = matrices(type).shape();
        boolean fits = a.rank() == b.rank() && a.dim(-1) == b.dim(-2) && square.dtype() == type.dtype();
        if (!fits || !batch(a).equals(batch(b))) {
            throw new KawiException("%s: right-hand sides [..., n, k] for matrices %s are needed, but %s was given"
                    .formatted(label(), square, type));
        }
        return type;
    }

    /** The axes before the last two. */
    static Shape batch(Shape matrices) {
        return matrices.without(matrices.rank() - 2, matrices.rank());
    }

    /** The distance from 1 to the next number: 2⁻²³ or 2⁻⁵². */
    static double epsilon(DType dtype) {
        return dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
    }

    /** Checks what the iterative factorisations need: NaN and infinities have no singular values or eigenvalues. */
    static void needFinite(DMatrixRMaj a) {
        for (int i = 0; i < a.getNumElements(); i++) {
            if (!Double.isFinite(a.data[i])) {
                throw new NoResult(
                        "element (%d, %d) is %s, but all must be finite; Kawi.firstNonFinite finds its origin"
                                .formatted(i / a.numCols, i % a.numCols, a.data[i]));
            }
        }
    }
}
