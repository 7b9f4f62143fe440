package kawi.data;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the files of a data set over HTTP. A file appears under its name only when it is complete and its SHA-256 is right, so that
 * an interrupted download leaves nothing that a later run would take for data.
 */
final class Download {
    private final Duration patience;
    private final boolean talkative;

    Download() {
        this(Duration.ofSeconds(15));
    }

    /** Gives up on a home that is silent for this long. */
    Download(Duration patience) {
        this.patience = patience;
        Console console = System.console();
        this.talkative = console != null && console.isTerminal();
    }

    /**
     * Fetches what is not yet there.
     *
     * @throws DataException naming each home with the reason why it did not serve
     */
    void fetch(DataSource source, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException(
                    "download: cannot create the folder %s (%s); set KAWI_CACHE to a folder you may write to"
                            .formatted(folder, e.getMessage()),
                    e);
        }
        try (HttpClient client = HttpClient.newBuilder()
                .connectTimeout(patience)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            for (DataSource.RemoteFile file : source.files()) {
                if (!Files.isRegularFile(folder.resolve(file.name()))) {
                    fetch(client, source, file, folder);
                }
            }
        }
    }

    private void fetch(HttpClient client, DataSource source, DataSource.RemoteFile file, Path folder) {
        List<String> failures = new ArrayList<>();
        for (URI home : source.homes()) {
            URI address = home.resolve(file.name());
            Path part = null;
            try {
                part = Files.createTempFile(folder, file.name(), ".part");
                String hash = transfer(client, address, part);
                if (!hash.equals(file.sha256())) {
                    throw new IOException("the SHA-256 is %s, expected %s".formatted(hash, file.sha256()));
                }
                Files.move(part, folder.resolve(file.name()), StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (IOException e) {
                failures.add("download from %s: %s".formatted(address, reason(e)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DataException("download of %s: interrupted".formatted(file.name()), e);
            } finally {
                discard(part);
            }
        }
        throw new DataException(String.join("\n  ", failures));
    }

    /** Writes the body to {@code part} and returns its SHA-256. */
    private String transfer(HttpClient client, URI address, Path part) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(patience).build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        MessageDigest digest = sha256();
        try (InputStream body = new DigestInputStream(response.body(), digest);
                OutputStream out = Files.newOutputStream(part)) {
            if (response.statusCode() != 200) {
                throw new IOException("HTTP status " + response.statusCode());
            }
            long expected =
                    response.headers().firstValueAsLong("Content-Length").orElse(-1);
            copy(body, out, address, expected);
        }
        if (talkative) {
            System.err.println();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void copy(InputStream body, OutputStream out, URI address, long expected) throws IOException {
        byte[] buffer = new byte[1 << 16];
        AtomicLong done = new AtomicLong();
        Thread watch = Thread.ofVirtual().start(() -> closeWhenSilent(body, done));
        try {
            for (int n; (n = body.read(buffer)) >= 0; ) {
                out.write(buffer, 0, n);
                long before = done.getAndAdd(n);
                show(address, before, before + n, expected);
            }
        } catch (IOException e) {
            throw new IOException(
                    "the transfer broke off after %d of %d bytes (%s)".formatted(done.get(), expected, e.getMessage()),
                    e);
        } finally {
            watch.interrupt();
        }
    }

    /** The client's own time limit ends with the headers; this one ends a read that waits for a body that does not come. */
    private void closeWhenSilent(InputStream body, AtomicLong done) {
        try {
            long before = -1;
            while (before != done.get()) {
                before = done.get();
                Thread.sleep(patience);
            }
            body.close();
        } catch (InterruptedException | IOException finished) {
            // The transfer has ended by itself.
        }
    }

    /** One line that is overwritten at each new percent. */
    private void show(URI address, long before, long done, long expected) {
        if (talkative && expected > 0 && done * 100 / expected != before * 100 / expected) {
            System.err.printf("\r%s  %3d %% of %.1f MB", address, done * 100 / expected, expected / 1e6);
        }
    }

    private String reason(IOException e) {
        if (e instanceof HttpTimeoutException) {
            return "no answer within %d s".formatted(patience.toSeconds());
        }
        if (e instanceof java.net.ConnectException) {
            return "no connection (is this machine online?)";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void discard(@Nullable Path part) {
        if (part != null) {
            try {
                Files.deleteIfExists(part);
            } catch (IOException ignored) {
                // A left-over .part file is never taken for data.
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
