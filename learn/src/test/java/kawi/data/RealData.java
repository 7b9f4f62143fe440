package kawi.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Files of the folder KAWI_DATA; a test that asks for one that is not there is skipped. */
public final class RealData {
    private RealData() {}

    /** The path below KAWI_DATA. */
    public static Path path(String relative) {
        String folder = System.getenv("KAWI_DATA");
        Assumptions.assumeTrue(
                folder != null && !folder.isBlank(), () -> "no data: KAWI_DATA is not set (" + relative + ")");
        Path path = Path.of(folder, relative);
        Assumptions.assumeTrue(Files.exists(path), () -> "no data: " + path);
        return path;
    }
}
