package kawi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A running {@link Worker}, seen from the process that gives it orders. */
final class WorkerProcess implements AutoCloseable {
    private final String side;
    private final Path log;
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    /** Starts a side's process and does not wait until it is up. */
    WorkerProcess(String side, int threads, Case.Launch launch) {
        this.side = side;
        List<String> command =
                new ArrayList<>(Peer.isKawis(side) ? Jvm.kawi(launch != Case.Launch.COLD_WITHOUT_FLAGS) : Jvm.peer());
        command.addAll(List.of(Worker.class.getName(), side, Integer.toString(threads)));
        ProcessBuilder builder = new ProcessBuilder(command);
        Jvm.environment(builder.environment(), threads);
        log = Jvm.STATE.resolve("bench-" + side + ".log");
        builder.redirectError(log.toFile());
        try {
            Files.createDirectories(Jvm.STATE);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Waits until the process can take commands. */
    void awaitStart() {
        answer("its start");
    }

    /** Makes a case ready; the specifications of its inputs. */
    List<Spec> prepare(Case item, List<Spec> inputs) {
        String specs = inputs.stream().map(s -> " " + s.text()).collect(Collectors.joining());
        String answer = ask("prepare " + item.name() + specs);
        return answer.isEmpty()
                ? List.of()
                : Arrays.stream(answer.split(" ")).map(Spec::parse).toList();
    }

    /** The outputs of one run without randomness. */
    List<float[]> outputs() {
        try {
            Path file = Files.createTempFile("kawi-bench", ".outputs");
            try {
                ask("outputs " + file);
                return Worker.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nanoseconds of so many runs. */
    long run(int times) {
        return Long.parseLong(ask("run " + times));
    }

    /** Seconds that the JIT's threads have compiled since the process began. */
    double compiled() {
        return Long.parseLong(ask("compiled")) / 1e3;
    }

    /** Largest resident memory since the case was made ready, in MiB. */
    double peak() {
        return Long.parseLong(ask("peak")) / 1024.0;
    }

    private String ask(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw ended(command);
        }
        return answer(command.split(" ", 2)[0]);
    }

    private String answer(String to) {
        String line;
        try {
            line = answers.readLine();
        } catch (IOException e) {
            throw ended(to);
        }
        if (line == null) {
            throw ended(to);
        }
        if (line.startsWith("error ")) {
            throw new BenchException(side + ": " + line.substring("error ".length()));
        }
        return line.substring("ok".length()).strip();
    }

    private BenchException ended(String during) {
        return new BenchException("%s: the process ended during %s; see %s".formatted(side, during, log));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
