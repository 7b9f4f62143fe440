package kawi.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.tensor.Kawi;
import picocli.CommandLine;

/** What a result came from: versions, machine, command. */
final class Provenance {
    private Provenance() {}

    static Map<String, String> now(CommandLine command) {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("kawi", Main.VERSION);
        m.put("java", System.getProperty("java.vm.version") + ", " + System.getProperty("java.vendor"));
        m.put(
                "machine",
                "%s %s, %d cores"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors()));
        m.put("device", Kawi.device());
        m.put("command", "kawi " + String.join(" ", Main.arguments()));
        m.put("started", Instant.now().toString());
        return m;
    }

    /** Since the JVM was started. */
    static double secondsSinceStart() {
        Instant start = ProcessHandle.current().info().startInstant().orElse(Instant.now());
        return Duration.between(start, Instant.now()).toMillis() / 1e3;
    }
}
