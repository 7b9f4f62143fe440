package kawi.cli;

import java.io.PrintWriter;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kawi info}: what this machine and this JVM offer. */
@Command(name = "info", description = "Show the JVM, the vector width, the cores, and what is missing.")
final class InfoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Runtime runtime = Runtime.getRuntime();
        out.printf("JVM      %s, %s%n", System.getProperty("java.vm.version"), System.getProperty("java.vendor"));
        out.printf(
                "machine  %s %s, %d cores%n",
                System.getProperty("os.name"), System.getProperty("os.arch"), runtime.availableProcessors());
        out.printf("heap     up to %d MiB%n", runtime.maxMemory() >> 20);
        out.printf("vectors  %s%n", vectors());
        out.flush();
    }

    private static String vectors() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return "none: add --add-modules=jdk.incubator.vector to jvm.options";
        }
        return PreferredWidth.bits() + " bits preferred (jdk.incubator.vector)";
    }

    /** A class of its own, so that its absence can be told before the vector module is touched. */
    private static final class PreferredWidth {
        static int bits() {
            return FloatVector.SPECIES_PREFERRED.vectorBitSize();
        }
    }
}
