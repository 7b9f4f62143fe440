package kawi.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
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
        if (peers.contains(Peer.MKL)) {
            ScriptExport.run(cases.stream().filter(c -> c.plain() == null).toList());
        }
        boolean fine = true;
        for (@Nullable Peer peer : peers.isEmpty() ? Collections.<@Nullable Peer>singletonList(null) : peers) {
            fine &= run(cases, peer, report);
        }
        return fine;
    }

    private boolean run(List<Case> cases, @Nullable Peer peer, Report report) throws IOException {
        out.println();
        out.println(peer == null ? "Kawi alone" : "Kawi beside " + peer);
        out.println(report.head());
        Map<String, List<Result>> tables = new LinkedHashMap<>();
        boolean fine = true;
        try (SharedPair shared = new SharedPair(peer)) {
            for (Case item : cases) {
                if (item.plain() != null && !peers.isEmpty() && peer != peers.getFirst()) {
                    continue; // it does not depend on the peer
                }
                Result result = measured(item, peer, shared);
                fine &= result.failure() == null;
                out.println(report.row(result));
                write(report.json(result));
                if (item.shares() && peer != null) {
                    tables.computeIfAbsent(item.suite(), _ -> new ArrayList<>()).add(result);
                }
            }
        }
        for (Map.Entry<String, List<Result>> table : tables.entrySet()) {
            out.println(report.mean(table.getKey(), table.getValue()));
            write(report.meanJson(table.getKey(), table.getValue()));
        }
        return fine;
    }

    private Result measured(Case item, @Nullable Peer peer, SharedPair shared) {
        try {
            if (item.launch() != Case.Launch.WARM) {
                return new StartUp(item, threads).of(peer);
            }
            if (item.shares()) {
                Pair pair = shared.of(item.suite());
                return new Measurement(item, pair.kawi, pair.peer).of(peer);
            }
            Peer against = peer == null || item.plain() == null ? peer : Peer.PLAIN;
            try (Pair pair = new Pair(against)) {
                return new Measurement(item, pair.kawi, pair.peer).of(against);
            }
        } catch (BenchException e) {
            shared.close(); // whatever state they are in
            return Result.failed(item, peer, String.valueOf(e.getMessage()));
        }
    }

    private void write(String line) throws IOException {
        if (json != null) {
            Files.writeString(json, line + "\n", StandardOpenOption.APPEND);
        }
    }

    /** What the machine can do with 1 to all threads, by a process of its own. */
    private List<Ceilings> ceilings() throws IOException {
        List<String> command = new ArrayList<>(Jvm.kawi(true));
        command.addAll(List.of(CeilingProbe.class.getName(), Integer.toString(threads)));
        Process process = new ProcessBuilder(command)
                .redirectError(Jvm.STATE.resolve("bench-ceilings.log").toFile())
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            List<Ceilings> found = lines.lines().map(Ceilings::parse).toList();
            if (found.isEmpty()) {
                throw new BenchException(
                        "the machine's ceilings could not be measured; see " + Jvm.STATE.resolve("bench-ceilings.log"));
            }
            return found;
        }
    }

    /** The processes of both sides. */
    private final class Pair implements AutoCloseable {
        final WorkerProcess kawi;
        final @Nullable WorkerProcess peer;

        Pair(@Nullable Peer against) {
            kawi = new WorkerProcess(Peer.KAWI, threads, Case.Launch.WARM);
            peer = against == null ? null : new WorkerProcess(against.toString(), threads, Case.Launch.WARM);
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

    /** The processes that the cases of one suite share, started when the first one needs them. */
    private final class SharedPair implements AutoCloseable {
        private final @Nullable Peer peer;
        private @Nullable Pair pair;
        private String suite = "";

        SharedPair(@Nullable Peer peer) {
            this.peer = peer;
        }

        Pair of(String wanted) {
            if (!suite.equals(wanted)) {
                close();
            }
            Pair p = pair == null ? new Pair(peer) : pair;
            pair = p;
            suite = wanted;
            return p;
        }

        @Override
        public void close() {
            if (pair != null) {
                pair.close();
                pair = null;
            }
        }
    }
}
