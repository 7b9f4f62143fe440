package kawi.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles the scripts of cases with one libtorch for another that can only load them: two libtorches do not fit into one
 * process.
 */
final class ScriptExport {
    private ScriptExport() {}

    /** Where the compiled script of a case lies. */
    static Path file(Case item) {
        return Jvm.STATE.resolve("scripts").resolve(item.name() + ".pt");
    }

    /** Has a process of its own compile them. */
    static void run(List<Case> cases) throws IOException {
        Files.createDirectories(Jvm.STATE.resolve("scripts"));
        List<String> command = new ArrayList<>(Jvm.peer());
        command.add(ScriptExport.class.getName());
        cases.forEach(c -> command.add(c.name()));
        Path log = Jvm.STATE.resolve("bench-scripts.log");
        try {
            int status = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new BenchException("the peers' scripts could not be compiled; see " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Compiles the scripts of the named cases. */
    public static void main(String[] names) {
        for (String name : names) {
            Case item = Cases.named(name);
            OpenBlasSide.export(item, file(item).toString());
        }
        Runtime.getRuntime().halt(0);
    }
}
