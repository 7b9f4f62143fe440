package kawi.bench;

import java.util.List;
import java.util.stream.Stream;

/** All cases, in the order in which they are measured. */
final class Cases {
    private Cases() {}

    static List<Case> all() {
        return Stream.of(
                        GemmCases.all(),
                        ConvolutionCases.all(),
                        ElementwiseCases.all(),
                        LayerCases.all(),
                        TrainingCases.all(),
                        InferenceCases.all(),
                        TransformationCases.all(),
                        SparseCases.all(),
                        StartUpCases.all())
                .flatMap(List::stream)
                .toList();
    }

    static Case named(String name) {
        return all().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no case " + name));
    }
}
