package kawi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a data set is looked for, and what a download may leave behind: a server on this machine plays the public home. */
class DataFolderTest {
    /** SHA-256 of "hello". */
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    private Path folder;

    private final CountDownLatch ended = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/good/", 200, 5, "hello");
        serve("/wrong/", 200, 5, "hullo");
        serve("/cut/", 200, 1000, "hello");
        serve("/absent/", 404, 4, "gone");
        serve("/silent/", 200, 1000, "hello");
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        ended.countDown();
        server.stop(0);
    }

    @Test
    void theNamedFolderComesFirst() throws IOException {
        Path named = filled("named/tiny");
        filled("variable/tiny");
        DataFolder data = data(Map.of("KAWI_DATA", folder.resolve("variable").toString()));
        assertThat(data.locate(source("/good/"), folder.resolve("named"))).isEqualTo(named);
        assertThat(data.locate(source("/good/"), named))
                .as("the set's own folder")
                .isEqualTo(named);
        assertThat(data.locate(source("/good/"), null)).isEqualTo(folder.resolve("variable/tiny"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"KAWI_DATA", "KAWI_CACHE", "XDG_CACHE_HOME"})
    void aVariableThatIsNoPathIsNamed(String variable) {
        assertThatThrownBy(() -> data(Map.of(variable, "a\0b")).locate(source("/good/"), null))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(variable, "no path", "UTF-8");
    }

    @Test
    void theUnpackedFileServesToo() throws IOException {
        Files.createDirectories(folder.resolve("d/tiny"));
        Files.writeString(folder.resolve("d/tiny/file"), "hello");
        assertThat(data(Map.of()).locate(source("/good/"), folder.resolve("d"))).isEqualTo(folder.resolve("d/tiny"));
        assertThat(DataFolder.file(folder.resolve("d/tiny"), "file.gz")).isEqualTo(folder.resolve("d/tiny/file"));
    }

    @ParameterizedTest
    @CsvSource({"KAWI_CACHE, /x, /x", "XDG_CACHE_HOME, /x, /x/kawi", "OTHER, /x, HOME/.cache/kawi"})
    void theCacheFolder(String variable, String value, String expected) {
        assertThat(data(Map.of(variable, value)).cache())
                .isEqualTo(Path.of(expected.replace("HOME", folder.toString())));
    }

    /** Each first home fails in its own way; the second one serves. */
    @ParameterizedTest
    @CsvSource({"/good/", "/wrong/", "/cut/", "/absent/", "/silent/"})
    void theNextHomeServes(String first) throws IOException {
        Path found = data(Map.of()).locate(source(first, "/good/"), null);
        assertThat(found).isEqualTo(folder.resolve(".cache/kawi/tiny"));
        assertThat(found.resolve("file.gz")).hasContent("hello");
        assertThat(files(found)).containsExactly("file.gz");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /wrong/  | the SHA-256 is
        /cut/    | broke off after
        /absent/ | HTTP status 404
        /silent/ | broke off after
        """)
    void afterAFailedDownloadNothingIsLeft(String home, String reason) throws IOException {
        DataFolder data = data(Map.of("KAWI_DATA", folder.resolve("variable").toString()));
        assertThatThrownBy(() -> data.locate(source(home), null))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("\"tiny\" was not found")
                .hasMessageContaining(folder.resolve("variable/tiny").toString())
                .hasMessageContaining(folder.resolve(".cache/kawi/tiny").toString())
                .hasMessageContaining(reason)
                .hasMessageContaining("--data DIR");
        assertThat(files(folder.resolve(".cache/kawi/tiny"))).isEmpty();
    }

    @Test
    void nobodyAnswers() {
        server.stop(0);
        assertThatThrownBy(() -> data(Map.of()).locate(source("/good/"), null))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no connection");
    }

    @Test
    void aNamedFolderWithoutTheSetIsAnError() throws IOException {
        Files.createDirectories(folder.resolve("named/tiny"));
        assertThatThrownBy(() -> data(Map.of()).locate(source("/good/"), folder.resolve("named")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("lacks file.gz")
                .hasMessageContaining("Leave out --data");
        assertThat(folder.resolve(".cache")).doesNotExist();
    }

    private DataSource source(String... homes) {
        List<URI> addresses = Stream.of(homes)
                .map(home ->
                        URI.create("http://localhost:" + server.getAddress().getPort() + home))
                .toList();
        return new DataSource("tiny", List.of(new DataSource.RemoteFile("file.gz", HELLO)), addresses);
    }

    private DataFolder data(Map<String, String> environment) {
        return new DataFolder(environment, folder, new Download(Duration.ofSeconds(1)));
    }

    private Path filled(String name) throws IOException {
        Path made = Files.createDirectories(folder.resolve(name));
        Files.writeString(made.resolve("file.gz"), "hello");
        return made;
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void serve(String home, int status, int promised, String body) {
        server.createContext(home, exchange -> {
            exchange.sendResponseHeaders(status, promised);
            OutputStream out = exchange.getResponseBody();
            out.write(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            out.flush();
            if (home.equals("/silent/")) {
                awaitEnd();
            }
            exchange.close();
        });
    }

    private void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
