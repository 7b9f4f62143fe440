package kawi.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folder of a data set: in the folder that the user named ({@code --data DIR}), else in that of the environment variable
 * {@code KAWI_DATA}, else in the user's cache, which is filled by download.
 *
 * <p>A folder that the user named is taken at its word: if the set is not there, that is an error, not a reason to download.
 */
public final class DataFolder {
    private final Map<String, String> environment;
    private final Path home;
    private final Download download;

    DataFolder(Map<String, String> environment, Path home, Download download) {
        this.environment = Map.copyOf(environment);
        this.home = home;
        this.download = download;
    }

    /**
     * The folder that holds all files of the data set.
     *
     * @param named the folder of data sets that the user named, or null
     * @throws DataException if the set is nowhere and cannot be downloaded: lists where it was looked for, and how to get it
     */
    public static Path find(DataSource source, @Nullable Path named) {
        return ofThisUser().locate(source, named);
    }

    /** The cache of data sets that {@link #find} looks into, and downloads to. */
    public static Path userCache() {
        return ofThisUser().cache();
    }

    private static DataFolder ofThisUser() {
        return new DataFolder(System.getenv(), Path.of(System.getProperty("user.home", ".")), new Download());
    }

    /** The cache of data sets: {@code KAWI_CACHE}, else {@code XDG_CACHE_HOME/kawi}, else {@code ~/.cache/kawi}. */
    Path cache() {
        String own = environment.getOrDefault("KAWI_CACHE", "");
        if (!own.isBlank()) {
            return folder("KAWI_CACHE", own);
        }
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (shared.isBlank() ? home.resolve(".cache") : folder("XDG_CACHE_HOME", shared)).resolve("kawi");
    }

    Path locate(DataSource source, @Nullable Path named) {
        List<String> looked = new ArrayList<>();
        if (named != null) {
            Path found = in(named, source, "--data", looked);
            if (found != null) {
                return found;
            }
            throw missing(source, looked, "Leave out --data to have it downloaded.");
        }
        String variable = environment.getOrDefault("KAWI_DATA", "");
        if (!variable.isBlank()) {
            Path found = in(folder("KAWI_DATA", variable), source, "KAWI_DATA", looked);
            if (found != null) {
                return found;
            }
        }
        Path found = in(cache(), source, "the cache", looked);
        if (found != null) {
            return found;
        }
        Path folder = cache().resolve(source.name());
        try {
            download.fetch(source, folder);
        } catch (DataException e) {
            looked.add(e.getMessage());
            DataException failure = missing(source, looked, "");
            failure.initCause(e);
            throw failure;
        }
        return folder;
    }

    private static Path folder(String variable, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new DataException(
                    "the environment variable %s is no path here (%s). Names beyond ASCII take a UTF-8 locale, for example LC_ALL=C.UTF-8"
                            .formatted(variable, e.getMessage()),
                    e);
        }
    }

    /** The set in {@code parent/NAME}, or in {@code parent} itself when its files lie there; null, with a line in {@code looked}, if in neither. */
    private static @Nullable Path in(Path parent, DataSource source, String origin, List<String> looked) {
        for (Path folder : List.of(parent.resolve(source.name()), parent)) {
            if (source.files().stream().allMatch(file -> Files.isRegularFile(file(folder, file.name())))) {
                return folder;
            }
        }
        Path folder = parent.resolve(source.name());
        String why = "no such folder";
        if (Files.isDirectory(folder)) {
            List<String> absent = source.files().stream()
                    .map(DataSource.RemoteFile::name)
                    .filter(name -> !Files.isRegularFile(file(folder, name)))
                    .toList();
            why = "lacks " + String.join(", ", absent);
        }
        looked.add("%s (%s): %s".formatted(folder, origin, why));
        return null;
    }

    /** The file of that name, or the same without its {@code .gz} when only the unpacked one is there. */
    static Path file(Path folder, String name) {
        Path file = folder.resolve(name);
        if (name.endsWith(".gz") && !Files.exists(file)) {
            Path unpacked = folder.resolve(name.substring(0, name.length() - 3));
            return Files.isRegularFile(unpacked) ? unpacked : file;
        }
        return file;
    }

    private static DataException missing(DataSource source, List<String> looked, String advice) {
        StringBuilder message =
                new StringBuilder("the data set \"%s\" was not found. Looked at:".formatted(source.name()));
        looked.forEach(line -> message.append("\n  ").append(line));
        message.append("\nTo get it: put the files");
        source.files().forEach(file -> message.append("\n  ").append(file.name()));
        message.append("\nfrom ");
        message.append(String.join(
                " or ", source.homes().stream().map(Object::toString).toList()));
        message.append("\ninto a folder DIR/%s, then give --data DIR or set KAWI_DATA=DIR.".formatted(source.name()));
        if (!advice.isEmpty()) {
            message.append(' ').append(advice);
        }
        return new DataException(message.toString());
    }
}
