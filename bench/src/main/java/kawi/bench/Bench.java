package kawi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures cases one after another and reports each as soon as it is done. */
final class Bench {
    private final int threads;
    private final List<Peer> peers;
    private final PrintStream out;
    private final @Nullable Path json;

    /** Without peers Kawi is measured alone. */
    Bench(int threads, List<Peer> peers, PrintStream out, @Nullable Path json) {
        this.threads = threads;
        this.peers = peers;
        this.out = out;
        this.json = json;
    }

    /** Whether all cases could be measured. */
    boolean run(List<Case> cases) throws IOException {
        if (json != null) {
            Files.writeString(json, "");
        }
        List<Ceilings> ceilings = ceilings();
        ceilings.forEach(out::println);
        Report report = new Report(ceilings.getLast());
        boolean fine = true;
        for (Peer peer : peers.isEmpty() ? java.util.Collections.<@Nullable Peer>singletonList(null) : peers) {
            out.println((peer == null ? "kawi alone" : "kawi beside " + peer) + ", " + threads + " threads");
            out.println(report.head());
            Map<String, List<Result>> tables = new LinkedHashMap<>();
            Workers shared = null;
            try {
                for (Case item : cases) {
                    boolean fits = shared != null && item.shares() && shared.suite.equals(item.suite());
                    if (!fits && shared != null) {
                        shared.close();
                        shared = null;
                    }
                    Result result;
                    try {
                        if (shared == null) {
                            shared = new Workers(item.suite(), peer);
                        }
                        result = new Measurement(item, shared.kawi, shared.peer).of(peer);
                    } catch (BenchException e) {
                        result = Result.failed(item, peer, String.valueOf(e.getMessage()));
                        if (shared != null) {
                            shared.close();
                            shared = null;
                        }
                    }
                    if (shared != null && !item.shares()) {
                        shared.close();
                        shared = null;
                    }
                    fine &= result.failure() == null;
                    out.println(report.row(result));
                    if (json != null) {
                        Files.writeString(json, report.json(result) + "\n", StandardOpenOption.APPEND);
                    }
                    if (item.shares()) {
                        tables.computeIfAbsent(item.suite(), _ -> new ArrayList<>()).add(result);
                    }
                }
            } finally {
                if (shared != null) {
                    shared.close();
                }
            }
            if (peer != null) {
                tables.forEach((suite, results) -> out.println(report.mean(suite, results)));
            }
        }
        return fine;
    }

    /** What the machine can do with 1 to all threads, by a process of its own. */
    private List<Ceilings> ceilings() throws IOException {
        List<String> command = new ArrayList<>(Jvm.kawi());
        command.addAll(List.of(CeilingProbe.class.getName(), Integer.toString(threads)));
        Process process = new ProcessBuilder(command)
                .redirectError(Jvm.STATE.resolve("bench-ceilings.log").toFile())
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            List<Ceilings> found = lines.lines().map(Ceilings::parse).toList();
            if (found.isEmpty()) {
                throw new BenchException("the machine's ceilings could not be measured; see "
                        + Jvm.STATE.resolve("bench-ceilings.log"));
            }
            return found;
        }
    }

    /** The processes of both sides. */
    private final class Workers implements AutoCloseable {
        final String suite;
        final WorkerProcess kawi;
        final @Nullable WorkerProcess peer;

        Workers(String suite, @Nullable Peer against) {
            this.suite = suite;
            kawi = new WorkerProcess(Peer.KAWI, threads);
            peer = against == null ? null : new WorkerProcess(against.toString(), threads);
            kawi.awaitStart();
            if (peer != null) {
                peer.awaitStart();
            }
        }

        @Override
        public void close() {
            kawi.close();
            if (peer != null) {
                peer.close();
            }
        }
    }
}
