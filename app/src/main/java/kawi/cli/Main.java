package kawi.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.io.FormatException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code kawi} and its subcommands. */
@Command(
        name = "kawi",
        description = "Deep learning in plain Java.",
        version = "kawi " + Main.VERSION,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = "%nThe launcher itself has ./kawi bench: Kawi beside libtorch on this machine.",
        subcommands = {
            RunCommand.class,
            TrainCommand.class,
            ShellCommand.class,
            PredictCommand.class,
            SummaryCommand.class,
            ListCommand.class,
            PlotScheduleCommand.class,
            InfoCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main {
    static final String VERSION = "0.1.0-SNAPSHOT";
    private static String[] given = {};

    @Option(
            names = "--trace",
            description = "Show the Java stack trace of an error.",
            scope = CommandLine.ScopeType.INHERIT)
    private boolean trace;

    private Main() {}

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit status: 0 success, 1 failure, 2 wrong use, 130 stopped by the user. */
    static int run(String... arguments) {
        given = arguments.clone();
        System.setProperty("kawi.recipes", Recipes.table());
        Main main = new Main();
        CommandLine command = new CommandLine(main);
        command.setParameterExceptionHandler(Main::wrongUse);
        command.registerConverter(Path.class, Main::path);
        command.setExecutionExceptionHandler((e, at, parsed) -> {
            if (e instanceof ParameterException p) {
                return wrongUse(p, given);
            }
            return failed(e, at, main.trace);
        });
        if (arguments.length == 0) {
            command.usage(System.out);
            return 0;
        }
        try {
            return command.execute(arguments);
        } catch (OutOfMemoryError e) { // not one of the exceptions that the handlers get
            command.getErr()
                    .println("kawi: the memory does not suffice: " + e.getMessage()
                            + "\nUse a smaller --batch, or give Java more by JDK_JAVA_OPTIONS, for example -Xmx8g for its heap"
                            + " (as much again is then the limit of tensors)");
            return 1;
        }
    }

    /** An empty path would be the current folder: rather a shell variable that is not set than what was meant. */
    private static Path path(String given) {
        if (given.isBlank()) {
            throw new CommandLine.TypeConversionException("the path is empty; for the current folder say .");
        }
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            throw new CommandLine.TypeConversionException(
                    "'%s' cannot be a path here: %s. Names beyond ASCII take a UTF-8 locale, for example LC_ALL=C.UTF-8"
                            .formatted(given, e.getReason()));
        }
    }

    /** The arguments of this process. */
    static String[] arguments() {
        return given.clone();
    }

    private static int wrongUse(ParameterException e, String[] arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        CommandLine at = e.getCommandLine();
        err.println("kawi: " + (e instanceof UnmatchedArgumentException u ? unknown(u) : words(e)));
        err.println("Try 'kawi " + (at.getParent() == null ? "" : at.getCommandName() + " ") + "--help'.");
        return 2;
    }

    /** What the first unknown word is taken for, and the nearest known one. */
    private static String unknown(UnmatchedArgumentException e) {
        String word = e.getUnmatched().get(0);
        String kind = word.startsWith("-") ? "option" : e.getCommandLine().getParent() == null ? "command" : "argument";
        String near = e.getSuggestions().isEmpty()
                ? ""
                : " Did you mean '" + e.getSuggestions().get(0) + "'?";
        return "unknown " + kind + " '" + word + "'." + near;
    }

    /** The message without the line of code, which says nothing to who types commands. */
    static String words(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(l -> !l.startsWith("  at "))
                .collect(Collectors.joining("\n"));
    }

    private static int failed(Exception e, CommandLine at, boolean trace) {
        PrintWriter err = at.getErr();
        if (trace) {
            e.printStackTrace(err);
            return 1;
        }
        boolean expected = e instanceof KawiException
                || e instanceof DataException
                || e instanceof FormatException
                || e instanceof UncheckedIOException;
        if (expected) {
            err.println("kawi: " + words(e));
        } else {
            err.println("kawi: unexpected error: " + e
                    + "\nThis is a mistake in Kawi; --trace shows where, please report it.");
        }
        return 1;
    }
}
