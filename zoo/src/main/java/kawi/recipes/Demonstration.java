package kawi.recipes;

import java.util.List;

/**
 * A row of the curriculum as a program: something that the library must be able to do, done, with its figures beside the
 * references. Run by {@code ./kawi run ID}. A new row is one class, named in {@link #all}; it starts with its identifier, so
 * that the folder lists the rows in their order.
 *
 * <p>A demonstration seeds every random number it draws, ends within a minute on two cores, and leaves the settings of the
 * library as it found them.
 */
public interface Demonstration {
    /** All rows, in the order of the curriculum. */
    static List<Demonstration> all() {
        return List.of(
                new A1Operations(),
                new A2BackwardCost(),
                new A3ForwardMode(),
                new A4GradientCheck(),
                new A5Derivatives(),
                new A6EagerAndLazy(),
                new A7MatrixCalculus(),
                new A8LinearAlgebra(),
                new A9Sparse(),
                new A10Debugging(),
                new A11Summary(),
                new B1NoiseBall(),
                new B2Condition(),
                new B3Momentum(),
                new B4Preconditioning(),
                new B5SecondOrder(),
                new B6Schedules(),
                new B7Adaptive(),
                new B8LargeBatches(),
                new B9VarianceReduction(),
                new B10Averaging(),
                new B11Clipping(),
                new B12Sparsity(),
                new B13MinimumNorm(),
                new B14EarlyStopping(),
                new B15HonestEvaluation(),
                new C1BooleanFunctions(),
                new C2LeastSquares(),
                new C3LogisticRegression(),
                new C4KernelMachines(),
                new C5Subspaces(),
                new C6Neighbours(),
                new C7Ensembles(),
                new C8DoubleDescent(),
                new C9UniversalApproximation(),
                new C10Recommendation());
    }

    /** The row's identifier, such as {@code A5}. */
    String id();

    /** What it shows, in one sentence without a full stop. */
    String sentence();

    /** Does it: text, figures and pictures go to the report as they come. */
    void run(Report report);
}
