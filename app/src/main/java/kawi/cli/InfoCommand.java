package kawi.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kawi.data.DataFolder;
import kawi.tensor.Kawi;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kawi info}: what this machine and this JVM offer, and what is missing. */
@Command(
        name = "info",
        description = "Show the JVM, the vector width, the threads, the flags, and what is missing.",
        mixinStandardHelpOptions = true)
final class InfoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Runtime runtime = Runtime.getRuntime();
        String data = System.getenv("KAWI_DATA");
        out.printf("kawi     %s%n", Main.VERSION);
        out.printf("JVM      %s, %s%n", System.getProperty("java.vm.version"), System.getProperty("java.vendor"));
        out.printf(
                "machine  %s %s, %d cores%n",
                System.getProperty("os.name"), System.getProperty("os.arch"), runtime.availableProcessors());
        out.printf("heap     up to %d MiB%n", runtime.maxMemory() >> 20);
        out.printf("device   %s%n", Kawi.device());
        out.printf("flags    %s%n", Flags.ofThisProcess());
        out.printf(
                "data     %s%n",
                data == null
                        ? "KAWI_DATA is not set: data sets come from %s, or are downloaded to it"
                                .formatted(DataFolder.userCache())
                        : "KAWI_DATA=%s, then %s".formatted(data, DataFolder.userCache()));
        List<String> missing = missing(data);
        out.printf("missing  %s%n", missing.isEmpty() ? "nothing" : String.join("; ", missing));
        out.flush();
    }

    /** What keeps Kawi from its best on this machine, each with its mend. */
    private static List<String> missing(@Nullable String data) {
        List<String> missing = new ArrayList<>();
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            missing.add(
                    "the vector module: kernels run as plain loops, many times slower; start Java with --add-modules"
                            + " jdk.incubator.vector, as ./kawi does");
        }
        if (data != null && !Files.isDirectory(Path.of(data))) {
            missing.add("the folder that KAWI_DATA names: set it to a folder of data sets, or unset it");
        }
        return missing;
    }

    /** The flags this JVM was started with, those of argument files spelt out. */
    private static final class Flags {
        static String ofThisProcess() {
            String[] arguments = ProcessHandle.current().info().arguments().orElse(new String[0]);
            StringBuilder flags = new StringBuilder();
            for (String a : arguments) {
                if (a.startsWith("@")) {
                    append(flags, "%s:".formatted(a.substring(1)));
                    lines(Path.of(a.substring(1))).forEach(line -> append(flags, line));
                } else if (a.startsWith("-X") || a.startsWith("--add") || a.startsWith("-D")) {
                    append(flags, a);
                }
            }
            return flags.isEmpty() ? "none" : flags.toString();
        }

        private static void append(StringBuilder flags, String flag) {
            flags.append(flags.isEmpty() ? "" : " ").append(flag);
        }

        private static List<String> lines(Path file) {
            try {
                return Files.readAllLines(file).stream()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty() && !l.startsWith("#"))
                        .toList();
            } catch (IOException e) {
                return List.of("(unreadable)");
            }
        }
    }
}
