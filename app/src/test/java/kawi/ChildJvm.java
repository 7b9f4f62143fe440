package kawi;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Starts Java as a user would, with this build's classes. */
public final class ChildJvm {
    private ChildJvm() {}

    /** What a process printed and how it ended. */
    public record Result(int status, String out, String err) {}

    /** The classes and libraries of this build, without the tests'. */
    public static List<String> libraries() {
        Set<String> entries = new LinkedHashSet<>();
        for (String property : List.of("jdk.module.path", "java.class.path", "surefire.test.class.path")) {
            String value = System.getProperty(property, "");
            Arrays.stream(value.split(File.pathSeparator))
                    .filter(e -> !e.isBlank())
                    .forEach(entries::add);
        }
        entries.add(Path.of("target", "classes").toAbsolutePath().toString());
        return entries.stream()
                .filter(e -> !e.contains("test-classes") && Files.exists(Path.of(e)))
                .filter(e ->
                        !e.matches(".*(junit|surefire|assertj|archunit|opentest4j|apiguardian|byte-buddy|slf4j).*"))
                .toList();
    }

    /** The tests' own classes. */
    public static String testClasses() {
        return Path.of("target", "test-classes").toAbsolutePath().toString();
    }

    /** A process that runs a tool of the JDK, such as {@code java}, with the given arguments. */
    public static Process start(String tool, Path folder, Path out, Path err, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    /** Runs a tool of the JDK with the given arguments to its end. */
    public static Result run(String tool, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("kawi", ".out");
        Path err = Files.createTempFile("kawi", ".err");
        try {
            Process process = start(tool, folder, out, err, arguments);
            if (!process.waitFor(30, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("the process did not end in half an hour: " + arguments);
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
