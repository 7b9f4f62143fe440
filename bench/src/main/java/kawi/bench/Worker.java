package kawi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The main class of a process that does one side's work. It reads one command a line and answers with one line, {@code ok}
 * or {@code error}, and the rest:
 *
 * <pre>
 * prepare CASE [SPEC…]   makes a case ready; answers with the specifications of its inputs
 * outputs FILE           runs once without randomness; writes the outputs: for each its length and its floats
 * run TIMES              answers with the nanoseconds of so many runs
 * peak                   answers with the largest resident memory since the last prepare, in KiB
 * </pre>
 */
final class Worker {
    private final Side side;

    private Worker(Side side) {
        this.side = side;
    }

    /** Side and number of threads. */
    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // whatever libraries print
        int threads = Integer.parseInt(args[1]);
        Worker worker;
        try {
            worker = new Worker(Peer.side(args[0], threads));
            answers.println("ok");
        } catch (Throwable e) {
            answers.println("error " + oneLine(e));
            return;
        }
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String answer;
            try {
                answer = "ok " + worker.answer(line.split(" "));
            } catch (Throwable e) {
                answer = "error " + oneLine(e);
            }
            answers.println(answer);
        }
        Runtime.getRuntime().halt(0); // libraries with threads of their own may hold up an orderly end
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage() == null ? e.toString() : e.getClass().getSimpleName() + ": " + e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private String answer(String... words) throws IOException {
        switch (words[0]) {
            case "prepare" -> {
                List<Spec> given = Arrays.stream(words).skip(2).map(Spec::parse).toList();
                List<Spec> specs = side.prepare(Cases.named(words[1]), given);
                ResidentMemory.forgetPeak();
                return specs.stream().map(Spec::text).collect(Collectors.joining(" "));
            }
            case "outputs" -> {
                write(Path.of(words[1]), side.outputs());
                return "";
            }
            case "run" -> {
                long start = System.nanoTime();
                side.run(Integer.parseInt(words[1]));
                return Long.toString(System.nanoTime() - start);
            }
            case "compiled" -> {
                return Long.toString(ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
            }
            case "peak" -> {
                return Long.toString(ResidentMemory.peak());
            }
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        }
    }

    private static void write(Path file, List<float[]> outputs) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (float[] values : outputs) {
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + values.length * Float.BYTES)
                        .order(ByteOrder.nativeOrder());
                bytes.putInt(values.length);
                bytes.asFloatBuffer().put(values);
                bytes.rewind();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        }
    }

    /** What {@code outputs} has written. */
    static List<float[]> read(Path file) throws IOException {
        List<float[]> outputs = new java.util.ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            float[] values = new float[bytes.getInt()];
            bytes.asFloatBuffer().get(values);
            bytes.position(bytes.position() + values.length * Float.BYTES);
            outputs.add(values);
        }
        return outputs;
    }
}
