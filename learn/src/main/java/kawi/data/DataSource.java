package kawi.data;

import java.net.URI;
import java.util.List;

/**
 * A data set made of files: what they are called, and where the public has them.
 *
 * @param name the folder's name, which is also the name that users type
 * @param files the files of the set
 * @param homes public folders that hold all files under the same names, tried in this order; each ends with a slash
 */
public record DataSource(String name, List<RemoteFile> files, List<URI> homes) {
    /**
     * One file of a data set.
     *
     * @param name its name, here and at its public homes
     * @param sha256 the SHA-256 of its bytes in lower-case hexadecimal
     */
    public record RemoteFile(String name, String sha256) {}

    /** Keeps copies of the lists. */
    public DataSource {
        files = List.copyOf(files);
        homes = List.copyOf(homes);
    }
}
