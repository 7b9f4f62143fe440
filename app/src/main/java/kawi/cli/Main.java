package kawi.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code kawi} and its subcommands. */
@Command(
        name = "kawi",
        description = "Deep learning in plain Java.",
        version = "kawi 0.1.0-SNAPSHOT",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = InfoCommand.class)
public final class Main {
    private Main() {}

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit status: 0 success, 1 failure, 2 wrong use. */
    static int run(String... arguments) {
        CommandLine command = new CommandLine(new Main());
        if (arguments.length == 0) {
            command.usage(System.out);
            return 0;
        }
        return command.execute(arguments);
    }
}
