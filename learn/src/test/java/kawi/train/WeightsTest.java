package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import kawi.nn.BatchNorm;
import kawi.nn.Linear;
import kawi.nn.Sequential;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
    @TempDir
    Path temp;

    @Test
    void aModuleComesBackFromItsFile() {
        Kawi.seed(1);
        var model = new Sequential(new Linear(3, 4), new BatchNorm(4));
        model.forward(Tensor.randn(8, 3)).realized(); // moves the running statistics, which are kept too
        Path file = temp.resolve("net.safetensors");
        Weights.save(file, model);
        var other = new Sequential(new Linear(3, 4), new BatchNorm(4));
        assertThat(Weights.sha256(other.state())).isNotEqualTo(Weights.sha256(model.state()));
        Weights.load(file, other);
        assertThat(Weights.sha256(other.state())).isEqualTo(Weights.sha256(model.state()));
    }

    @Test
    void anotherNetworkIsRefusedAndStaysAsItWas() {
        Path file = temp.resolve("net.safetensors");
        Weights.save(file, new Linear(3, 4));
        var wider = new Linear(3, 5);
        String before = Weights.sha256(wider.state());
        assertThatThrownBy(() -> Weights.load(file, wider))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("[4, 3], but the network has F32[5, 3]");
        assertThat(Weights.sha256(wider.state())).isEqualTo(before);
        assertThatThrownBy(() -> Weights.load(file, new Linear(3, 4, false)))
                .hasMessageContaining("has [bias] besides");
    }
}
