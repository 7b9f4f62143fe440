package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import kawi.base.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same bits at every width of vectors, without vectors, on any number of threads, and one operation at a time. */
class WidthsTest {
    @AfterEach
    void lazyAgain() {
        Kawi.eager(false);
        Kawi.threads(2);
    }

    @Test
    void threadsAndEagernessDoNotShow() {
        Kawi.threads(1);
        String one = Digest.ofEverything();
        Kawi.threads(2);
        assertThat(Digest.ofEverything()).as("two threads").isEqualTo(one);
        Kawi.threads(3);
        Kawi.eager(true);
        assertThat(Digest.ofEverything()).as("three threads, eager").isEqualTo(one);
    }

    @Test
    void widthsDoNotShow() throws Exception {
        Map<String, Process> running = new TreeMap<>();
        Map<String, String> digests = new TreeMap<>();
        for (String bits : List.of("128", "256", "512", "0", "module absent")) {
            List<String> flags = bits.equals("module absent")
                    ? List.of()
                    : List.of(
                            "--add-modules=jdk.incubator.vector",
                            "-Dkawi.vector.cold=true",
                            "-Dkawi.vector.bits=" + bits);
            running.put(bits, start(flags));
            if (running.size() == 2) {
                finish(running, digests);
            }
        }
        finish(running, digests);
        assertThat(digests.values()).as("%s", digests).containsOnly(Digest.ofEverything());
    }

    private static Process start(List<String> flags) throws IOException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        String path = home(DType.class, "/kawi/base/DType.class")
                + File.pathSeparator
                + home(Digest.class, "/kawi/tensor/Digest.class");
        command.addAll(List.of("-Xmx512m", "-XX:+UseParallelGC", "-cp", path, Digest.class.getName()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** The folder of classes that a class was loaded from. */
    private static String home(Class<?> c, String name) throws URISyntaxException {
        Path file = Path.of(c.getResource(name).toURI());
        for (int i = 0; i < name.split("/").length - 1; i++) {
            file = file.getParent();
        }
        return file.toString();
    }

    private static void finish(Map<String, Process> running, Map<String, String> digests) throws Exception {
        for (Map.Entry<String, Process> e : running.entrySet()) {
            String output = new String(e.getValue().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(e.getValue().waitFor(120, TimeUnit.SECONDS)).as(output).isTrue();
            String digest = output.lines()
                    .filter(l -> l.startsWith("digest "))
                    .findFirst()
                    .orElse("none: " + output);
            digests.put(e.getKey(), digest.replace("digest ", ""));
        }
        running.clear();
    }
}
