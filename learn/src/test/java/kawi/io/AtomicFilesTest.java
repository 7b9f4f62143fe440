package kawi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AtomicFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aNewFileAndItsReplacement() throws IOException {
        Path file = folder.resolve("a");
        AtomicFiles.write(file, bytes("one"));
        assertThat(file).hasContent("one");
        AtomicFiles.write(file, bytes("two"));
        assertThat(file).hasContent("two");
        assertThat(names()).containsExactly("a");
    }

    /** Whatever stops the writing, and however far it came, the old content stays and nothing else does. */
    @ParameterizedTest
    @MethodSource("failures")
    void afterAFailureTheOldFileIsThere(Throwable failure) throws IOException {
        Path file = folder.resolve("a");
        AtomicFiles.write(file, bytes("old"));
        assertThatThrownBy(() -> AtomicFiles.write(file, channel -> {
                    AtomicFiles.writeFully(channel, ByteBuffer.wrap(bytes("half of the n")));
                    if (failure instanceof IOException e) {
                        throw e;
                    }
                    throw (Error) failure;
                }))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(UncheckedIOException.class),
                        e -> assertThat(e).isSameAs(failure));
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("a");
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new IOException("No space left on device"), new OutOfMemoryError("test"), new AssertionError("test"));
    }

    @Test
    void aSetIsWrittenWhollyOrNotAtAll() throws IOException {
        Path weights = folder.resolve("weights");
        Path index = folder.resolve("index");
        AtomicFiles.write(weights, bytes("w1"));
        AtomicFiles.write(index, bytes("i1"));
        Map<Path, AtomicFiles.Content> next = new LinkedHashMap<>();
        next.put(weights, channel -> AtomicFiles.writeFully(channel, ByteBuffer.wrap(bytes("w2"))));
        next.put(index, channel -> {
            throw new IOException("Disk quota exceeded");
        });
        assertThatThrownBy(() -> AtomicFiles.writeAll(next))
                .hasMessageContaining("quota")
                .hasMessageContaining("index");
        assertThat(weights).hasContent("w1");
        next.put(index, channel -> AtomicFiles.writeFully(channel, ByteBuffer.wrap(bytes("i2"))));
        AtomicFiles.writeAll(next);
        assertThat(weights).hasContent("w2");
        assertThat(index).hasContent("i2");
        assertThat(names()).containsExactlyInAnyOrder("weights", "index");
    }

    @Test
    void noSuchFolder() {
        Path file = folder.resolve("absent/a");
        assertThatThrownBy(() -> AtomicFiles.write(file, bytes("x")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("there is no folder " + folder.resolve("absent"));
    }

    /** The messages of the operating systems, and what the user reads. */
    @ParameterizedTest
    @MethodSource("reasons")
    void theReasonIsInWords(IOException cause, String expected) {
        assertThat(AtomicFiles.explain(folder.resolve("a"), cause))
                .hasMessageContaining(expected)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("unchanged")
                .hasCause(cause);
    }

    static Stream<Arguments> reasons() {
        return Stream.of(
                Arguments.of(new IOException("No space left on device"), "no space left"),
                Arguments.of(new IOException("There is not enough space on the disk"), "no space left"),
                Arguments.of(new FileSystemException("x", null, "Disk quota exceeded"), "quota"),
                Arguments.of(new FileSystemException("x", null, "Read-only file system"), "may not be written to"),
                Arguments.of(new AccessDeniedException("x"), "may not be written to"),
                Arguments.of(new NoSuchFileException("x"), "no file can be made in the folder"),
                Arguments.of(new IOException("Input/output error"), "Input/output error"));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
