package kawi.cli;

import java.lang.management.ManagementFactory;
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
        // Not the process's start: the launcher, which may have built first, becomes this process.
        return (System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime())
                / 1e3;
    }
}
