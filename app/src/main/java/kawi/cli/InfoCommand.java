package kawi.cli;

import java.io.PrintWriter;
import kawi.tensor.Kawi;
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
                data == null ? "KAWI_DATA is not set: data sets come from the user's cache, or are downloaded" : data);
        out.flush();
    }

    /** The flags this JVM was started with. */
    private static final class Flags {
        static String ofThisProcess() {
            String[] arguments = ProcessHandle.current().info().arguments().orElse(new String[0]);
            StringBuilder flags = new StringBuilder();
            for (String a : arguments) {
                if (a.startsWith("@") || a.startsWith("-X") || a.startsWith("--add") || a.startsWith("-D")) {
                    flags.append(flags.isEmpty() ? "" : " ").append(a);
                }
            }
            return flags.isEmpty() ? "none" : flags.toString();
        }
    }
}
