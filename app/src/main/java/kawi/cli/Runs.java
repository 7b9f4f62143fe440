package kawi.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kawi.base.KawiException;

/** The folders of runs, {@code runs/NAME-N}. */
final class Runs {
    static final Path FOLDER = Path.of("runs");

    private Runs() {}

    /** Makes the next free folder for a recipe; two processes never get the same. */
    static Path create(String name) {
        try {
            Files.createDirectories(FOLDER);
            for (int n = 1; ; n++) {
                Path run = FOLDER.resolve(name + "-" + n);
                try {
                    return Files.createDirectory(run);
                } catch (FileAlreadyExistsException taken) {
                    continue;
                }
            }
        } catch (IOException e) {
            throw cannotWrite(FOLDER, e);
        }
    }

    /** Makes a named folder; an error if it holds something already. */
    static Path take(Path run) {
        try {
            Files.createDirectories(run);
            try (Stream<Path> list = Files.list(run)) {
                if (list.findAny().isPresent()) {
                    throw new KawiException("--out %s is not empty; name a new folder, or go on with it by --resume %s"
                            .formatted(run, run));
                }
            }
            make(run);
            return run;
        } catch (IOException e) {
            throw cannotWrite(run, e);
        }
    }

    /** Makes sure that a folder is there and can be written into; what it holds stays. */
    static void make(Path folder) {
        try {
            Files.createDirectories(folder);
            if (!Files.isWritable(folder)) {
                throw new AccessDeniedException(folder.toString());
            }
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    /** The runs in a folder, the latest first. */
    static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(p -> Files.isDirectory(p.resolve("checkpoints")))
                    .sorted(Comparator.comparing((Path p) -> p.toFile().lastModified())
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw new KawiException("the folder %s cannot be read: %s".formatted(folder, e));
        }
    }

    private static KawiException cannotWrite(Path folder, IOException e) {
        String reason = e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException
                ? "there is a file of that name"
                : e instanceof NoSuchFileException
                        ? "nothing can be made there"
                        : e instanceof AccessDeniedException
                                ? "no permission to write"
                                : e instanceof FileSystemException f && f.getReason() != null
                                        ? f.getReason()
                                        : e.toString();
        return new KawiException("the folder %s cannot be made or written into: %s. Choose another with --out"
                .formatted(folder, reason));
    }
}
