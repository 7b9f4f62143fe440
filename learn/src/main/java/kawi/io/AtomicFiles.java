package kawi.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes files completely or not at all: into a temporary file of the same folder, forced to the disk, then renamed. Whatever happens
 * (no space left, a crash, {@code kill -9}), a reader sees the old file or the new one, never a part.
 */
public final class AtomicFiles {
    /** Writes the content of a file from its beginning. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything to the channel. */
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    private AtomicFiles() {}

    /**
     * Writes one file.
     *
     * @throws UncheckedIOException if it cannot be written, with the reason and the remedy; the old file is then as it was
     */
    public static void write(Path file, Content content) {
        writeAll(Map.of(file, content));
    }

    /** Writes one file of the given bytes. */
    public static void write(Path file, byte[] content) {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /**
     * Writes files that belong together. All are complete on the disk before the first is renamed, and they are renamed in the map's
     * order: let the last be the one that vouches for the others, by naming their checksums.
     *
     * @throws UncheckedIOException if any cannot be written; unless renaming itself fails, all old files are then as they were
     */
    public static void writeAll(Map<Path, Content> files) {
        Map<Path, Path> temporaries = new LinkedHashMap<>();
        Path current = null;
        try {
            for (Map.Entry<Path, Content> file : files.entrySet()) {
                current = file.getKey();
                Path temporary = temporaryFor(current);
                temporaries.put(current, temporary);
                try (FileChannel channel =
                        FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                    file.getValue().writeTo(channel);
                    channel.force(true);
                }
            }
            for (Map.Entry<Path, Path> file : temporaries.entrySet()) {
                current = file.getKey();
                Files.move(file.getValue(), current, StandardCopyOption.ATOMIC_MOVE);
            }
            for (Path file : temporaries.keySet()) {
                forceFolder(folderOf(file));
            }
        } catch (IOException e) {
            throw explain(current, e);
        } finally {
            temporaries.values().forEach(AtomicFiles::discard);
        }
    }

    /** Writes all that remains in the buffer. */
    public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Path temporaryFor(Path file) {
        String suffix = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
        return folderOf(file).resolve("." + file.getFileName() + "." + suffix + ".tmp");
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " is no file's path");
        }
        return folder;
    }

    /** Makes the renaming itself durable; where a folder cannot be opened (Windows) the file system sees to it. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException unsupported) {
            // The data itself is already on the disk.
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
            // A left-over temporary file is never read.
        }
    }

    /** The reason in words of the person who has to mend it. */
    static UncheckedIOException explain(@Nullable Path file, IOException e) {
        String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        String why;
        if (reason.contains("no space left") || reason.contains("not enough space")) {
            why = "no space left on the disk of %s. Make room there or choose another folder.".formatted(folder);
        } else if (reason.contains("quota")) {
            why = "the disk quota is used up in %s. Make room there or choose another folder.".formatted(folder);
        } else if (e instanceof AccessDeniedException
                || reason.contains("read-only")
                || reason.contains("permission denied")) {
            why = "the folder %s may not be written to. Change its permissions or choose another folder."
                    .formatted(folder);
        } else if (e instanceof NoSuchFileException && folder != null && !Files.isDirectory(folder)) {
            why = "there is no folder %s. Create it first.".formatted(folder);
        } else if (e instanceof NoSuchFileException) {
            why = "no file can be made in the folder %s. Choose another.".formatted(folder);
        } else {
            why = e + ".";
        }
        return new UncheckedIOException(
                "cannot write %s: %s What was there before is unchanged.".formatted(file, why), e);
    }
}
