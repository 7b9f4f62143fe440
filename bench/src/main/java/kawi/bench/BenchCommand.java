package kawi.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code ./kawi bench}: which cases, against which peer, and where the results go. */
@Command(
        name = "kawi bench",
        description =
                "Measures Kawi beside libtorch on this machine, in turns, after checking that both compute the same.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class BenchCommand implements Callable<Integer> {
    private static final String CORE = "core";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--suite",
            paramLabel = "NAME",
            description = "One family of cases; core is all that have a peer (the default, unless cases are named).")
    private @Nullable String suite;

    @Option(
            names = "--case",
            paramLabel = "PATTERN",
            description = "Only cases whose names match; * stands for anything, a comma parts several patterns.")
    private String pattern = "*";

    @Option(
            names = "--peer",
            paramLabel = "PEER",
            description = "libtorch-openblas (the default), libtorch-mkl, all (both, one after the other), or none.")
    private String peer = Peer.OPENBLAS.toString();

    @Option(names = "--threads", paramLabel = "N", description = "Threads of both sides; the processors, if not given.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write the results there as well, one JSON object a line.")
    private @Nullable Path json;

    @Option(
            names = "--jmh",
            paramLabel = "PATTERN",
            description =
                    "Measure single kernels whose names match a regular expression with JMH instead; . is all of them.")
    private @Nullable String kernels;

    @Option(names = "--list", description = "List suites and cases, and stop.")
    private boolean list;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException, RunnerException {
        if (kernels != null) {
            List<String> flags = Jvm.flags();
            new Runner(new OptionsBuilder()
                            .include(KernelBenchmark.class.getSimpleName() + ".*(" + kernels + ")")
                            .jvmArgs(flags.toArray(String[]::new))
                            .build())
                    .run();
            return 0;
        }
        List<Case> chosen = chosen();
        if (list) {
            chosen.forEach(c -> out.printf("%-12s %s%n", c.suite(), c.name()));
            return 0;
        }
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads starts at 1, but " + threads + " was given");
        }
        Bench bench = new Bench(threads, peers(), out, json);
        return bench.run(chosen) ? 0 : 1;
    }

    private List<Case> chosen() {
        List<Case> all = Cases.all();
        List<String> suites = all.stream().map(Case::suite).distinct().toList();
        String from = suite != null ? suite : pattern.equals("*") && !list ? CORE : "";
        if (!from.isEmpty() && !from.equals(CORE) && !suites.contains(from)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is no suite %s; there are core, which is all that have a peer, and %s"
                            .formatted(from, String.join(", ", suites)));
        }
        List<Case> inSuite = all.stream()
                .filter(c -> from.isEmpty()
                        || (from.equals(CORE) ? c.plain() == null : c.suite().equals(from)))
                .toList();
        Pattern names =
                Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace(",", "\\E|\\Q"));
        List<Case> found =
                inSuite.stream().filter(c -> names.matcher(c.name()).matches()).toList();
        if (found.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no case matches %s among the %d; --list shows their names, and * stands for any letters"
                            .formatted(pattern, inSuite.size()));
        }
        return found;
    }

    private List<Peer> peers() {
        return switch (peer) {
            case "none" -> List.of();
            case "all" -> Peer.libtorches();
            default ->
                List.of(Peer.named(peer)
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "there is no peer " + peer + "; there are " + String.join(", ", Peer.names())
                                        + ", all and none")));
        };
    }

    /** Says what is wrong with the arguments; the exit status. */
    static int wrongUse(ParameterException e, String... arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("kawi bench: " + e.getMessage());
        if (e instanceof CommandLine.UnmatchedArgumentException) {
            err.println("Try 'kawi bench --help'.");
        }
        return CommandLine.ExitCode.USAGE;
    }

    /** Says what went wrong apart from single cases; wrong use is passed on. */
    static int failed(Exception e, CommandLine at, CommandLine.ParseResult arguments) throws Exception {
        if (e instanceof ParameterException) {
            throw e;
        }
        at.getErr().println("kawi bench: " + (e instanceof BenchException ? e.getMessage() : e.toString()));
        return CommandLine.ExitCode.SOFTWARE;
    }
}
