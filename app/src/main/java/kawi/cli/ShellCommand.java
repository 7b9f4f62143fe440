package kawi.cli;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import jdk.jshell.tool.JavaShellToolBuilder;
import kawi.base.KawiException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kawi shell}: JShell with Kawi on its class path and everything imported. */
@Command(
        name = "shell",
        description =
                "Start a JShell with tensors, layers, optimisers and data imported; reads a script from a pipe too.",
        mixinStandardHelpOptions = true)
final class ShellCommand implements Callable<Integer> {
    /** For scripts from a pipe: values are shown whole, as tensors and curves take many lines. */
    private static final String LOOKS = """
            /set mode kawi concise -quiet
            /set truncation kawi 100000
            /set truncation kawi 100000 expression,varvalue
            /set feedback kawi
            """;

    /** The imports, a file of their own so that a notebook can start with it too. */
    private static final String IMPORTS = "imports.jsh";

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Scripts to run first.")
    private List<Path> scripts = List.of();

    @Override
    public Integer call() throws Exception {
        for (Path script : scripts) {
            if (!Files.isReadable(script)) {
                throw new KawiException("the script %s cannot be read; name a file of Java snippets".formatted(script));
            }
        }
        boolean typed = System.console() != null && System.console().isTerminal();
        Path imports = Files.createTempFile("kawi", ".jsh");
        try {
            try (InputStream lines = Objects.requireNonNull(ShellCommand.class.getResourceAsStream(IMPORTS))) {
                Files.write(imports, lines.readAllBytes());
            }
            List<String> arguments = new ArrayList<>(List.of("--startup", imports.toString()));
            arguments.addAll(List.of("--class-path", String.join(File.pathSeparator, libraries())));
            flags().forEach(flag -> arguments.add("-R" + flag));
            arguments.addAll(List.of("--feedback", typed ? "concise" : "silent"));
            scripts.forEach(script -> arguments.add(script.toString()));
            JavaShellToolBuilder shell = JavaShellToolBuilder.builder().interactiveTerminal(typed);
            if (typed) {
                System.out.println("Tensors, layers, optimisers and data are imported. /help explains, /exit ends.");
            } else {
                InputStream looks = new ByteArrayInputStream(LOOKS.getBytes(StandardCharsets.UTF_8));
                shell.in(new SequenceInputStream(looks, System.in), null)
                        .out(System.out, new PrintStream(OutputStream.nullOutputStream()), System.out) // no prompts
                        .persistence(new HashMap<>()); // and no history
            }
            return shell.start(arguments.toArray(String[]::new));
        } finally {
            Files.deleteIfExists(imports);
        }
    }

    /** The jars and folders of classes that this process runs from. */
    private static Set<String> libraries() {
        Set<String> found = new LinkedHashSet<>();
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!entry.isBlank()) {
                    expand(Path.of(entry))
                            .forEach(path -> found.add(path.toAbsolutePath().toString()));
                }
            }
        }
        return found;
    }

    /** A folder of jars stands for its jars. */
    private static List<Path> expand(Path entry) {
        if (!Files.isDirectory(entry)) {
            return List.of(entry);
        }
        try (Stream<Path> inside = Files.list(entry)) {
            List<Path> jars =
                    inside.filter(p -> p.toString().endsWith(".jar")).sorted().toList();
            return jars.isEmpty() ? List.of(entry) : jars;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The flags of this process, which are those of {@code jvm.options}: what is typed runs in a Java of its own. */
    private static List<String> flags() {
        List<String> flags = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("-X") || flag.startsWith("--add-modules="))
                .toList());
        String vectors = "--add-modules=jdk.incubator.vector";
        if (!flags.contains(vectors)) {
            flags.add(vectors);
        }
        return flags;
    }
}
