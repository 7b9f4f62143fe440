package kawi.bench;

import java.util.List;

/** What the first training costs beyond its steps: starting the JVM, loading, compiling. Milliseconds are those beyond 100 warm steps. */
final class StartUpCases {
    private StartUpCases() {}

    static List<Case> all() {
        Case steps = TrainingCases.mnistCnn();
        return List.of(
                steps.started("start-up", "start-up", Case.Launch.COLD),
                steps.started("start-up", "start-up-without-flags", Case.Launch.COLD_WITHOUT_FLAGS));
    }
}
