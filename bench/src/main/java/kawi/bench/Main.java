package kawi.bench;

import picocli.CommandLine;

/** The command {@code ./kawi bench}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** The exit status: 0 success, 1 where a case failed, 2 wrong use. */
    static int run(String... args) {
        return new CommandLine(new BenchCommand())
                .setParameterExceptionHandler(BenchCommand::wrongUse)
                .setExecutionExceptionHandler(BenchCommand::failed)
                .execute(args);
    }
}
