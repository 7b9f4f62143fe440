package kawi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    @Test
    void infoNamesTheVectorWidth() {
        StringWriter out = new StringWriter();
        int status =
                new CommandLine(new InfoCommand()).setOut(new PrintWriter(out)).execute();
        assertThat(status).isZero();
        assertThat(out.toString()).containsPattern("device +CPU, \\d+-bit vectors, \\d+ thread");
    }

    @Test
    void wrongUseIsStatusTwo() {
        assertThat(Main.run("no-such-command")).isEqualTo(2);
        assertThat(Main.run("--version")).isZero();
    }
}
