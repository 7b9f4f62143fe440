package kawi.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the processes of the bench are started. */
final class Jvm {
    /** Where Kawi keeps what it unpacks and logs; the launcher tells. */
    static final Path STATE =
            Path.of(System.getProperty("kawi.bench.state", ".kawi")).toAbsolutePath();

    private static final Path OPTIONS =
            Path.of(System.getProperty("kawi.bench.options", "jvm.options")).toAbsolutePath();

    /** The one that depends on the number of cores; empty where there are many. */
    private static final String COMPILERS = System.getProperty("kawi.bench.compilers", "");

    private Jvm() {}

    private static List<String> java(List<String> flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    /** The launcher's flags. */
    static List<String> flags() {
        return COMPILERS.isEmpty() ? List.of("@" + OPTIONS) : List.of("@" + OPTIONS, COMPILERS);
    }

    /** Java as the launcher starts it, or without its flags but for the module that Kawi on the module path brings along. */
    static List<String> kawi(boolean flags) {
        return java(flags ? flags() : List.of("--add-modules=jdk.incubator.vector"));
    }

    /** A small JVM around native libraries, which keep what they unpack. */
    static List<String> peer() {
        return java(List.of(
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.cachedir=" + STATE.resolve("javacpp"),
                "-Dorg.bytedeco.javacpp.maxbytes=0",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-Dorg.bytedeco.javacpp.nopointergc=true"));
    }

    /** What native libraries read at their start; settings of the user go first. */
    static void environment(Map<String, String> environment, int threads) {
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.putIfAbsent("DJL_CACHE_DIR", STATE.resolve("djl").toString());
        // An idle pool must not burn the cores of the other side, nor fight a second pool in its own process.
        environment.putIfAbsent("OMP_WAIT_POLICY", "passive");
        if (amdWithAvx512()) {
            environment.putIfAbsent("OPENBLAS_CORETYPE", "SKYLAKEX"); // OpenBLAS runs at half speed there unless told
        }
    }

    private static boolean amdWithAvx512() {
        Path info = Path.of("/proc/cpuinfo");
        try {
            String text = Files.exists(info) ? Files.readString(info) : "";
            return text.contains("AuthenticAMD") && text.contains("avx512f");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
