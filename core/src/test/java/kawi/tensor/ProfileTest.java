package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import kawi.graph.Node;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Launches, operations and lines are counted, and nothing is remembered afterwards. No time is judged. */
class ProfileTest {
    private static final Tensor X = Key.of(1).normal(64, 64).realized();

    private static int line() {
        return StackWalker.getInstance()
                .walk(s -> s.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    @Test
    void timeAndBytesAreToldByLaunchOperationAndLine() {
        int[] at = new int[1];
        Profile profile = Kawi.profile(() -> {
            for (int i = 0; i < 3; i++) {
                at[0] = line() + 1;
                Tensor y = X.mul(2).exp();
                y.matmul(X).realized();
            }
        });
        assertThat(profile.launches())
                .extracting(Profile.Row::name, Profile.Row::count, Profile.Row::bytes)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("mul+exp", 3L, 3 * 2 * 64 * 64 * 4L),
                        org.assertj.core.groups.Tuple.tuple("matmul", 3L, 3 * 3 * 64 * 64 * 4L));
        assertThat(profile.operations())
                .extracting(Profile.Row::name)
                .containsExactlyInAnyOrder("mul", "exp", "matmul");
        assertThat(profile.lines()).hasSize(2);
        assertThat(profile.lines())
                .extracting(Profile.Row::name)
                .anyMatch(n -> n.endsWith("ProfileTest.java:" + at[0] + ")"))
                .anyMatch(n -> n.endsWith("ProfileTest.java:" + (at[0] + 1) + ")"));
        long launches = profile.launchNanos();
        assertThat(launches).isBetween(1L, profile.nanos());
        for (var table : java.util.List.of(profile.operations(), profile.lines())) {
            // shares are rounded to whole nanoseconds
            assertThat(table.stream().mapToLong(Profile.Row::nanos).sum()).isBetween(launches - 9, launches + 9);
        }
        assertThat(profile.toString()).contains("launch", "operation", "line", "GB/s", "mul+exp");
    }

    @Test
    void afterwardsNothingIsWatched() {
        assertThatThrownBy(() -> Kawi.profile(() -> {
                    throw new IllegalStateException("work");
                }))
                .hasMessage("work");
        Node node = X.mul(3).node();
        assertThat(node.site()).isNull();
        assertThat(Kawi.profile(() -> {}).launches()).isEmpty();
    }

    @Test
    void aProfileWithinAProfileTakesNothingFromIt() {
        List<Profile> inner = new ArrayList<>();
        Profile outer = Kawi.profile(() -> {
            inner.add(Kawi.profile(() -> X.exp().sum().item()));
            X.sum().item();
        });
        assertThat(inner.getFirst().launches()).isNotEmpty();
        assertThat(outer.launches())
                .containsAll(inner.getFirst().launches())
                .hasSizeGreaterThan(inner.getFirst().launches().size());
    }

    @Test
    void keptFunctionsAreTold() {
        var f = Kawi.jit((Tensor x) -> x.mul(2).exp());
        f.apply(X);
        assertThat(Kawi.profile(() -> f.apply(X)).launches())
                .extracting(Profile.Row::name)
                .containsExactly("mul+exp");
    }

    @Test
    void flightRecorderGetsAnEventForEachLaunch(@TempDir Path folder) throws IOException {
        Assumptions.assumeTrue(ModuleLayer.boot().findModule("jdk.jfr").isPresent());
        Path file = folder.resolve("launches.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            Kawi.profile(() -> X.mul(5).exp().realized());
            recording.stop();
            recording.dump(file);
        }
        RecordedEvent event = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("kawi.Launch"))
                .findFirst()
                .orElseThrow();
        assertThat(event.getString("operations")).isEqualTo("mul+exp");
        assertThat(event.getString("line")).contains("ProfileTest.java");
        assertThat(event.getLong("bytes")).isEqualTo(2 * 64 * 64 * 4L);
    }
}
