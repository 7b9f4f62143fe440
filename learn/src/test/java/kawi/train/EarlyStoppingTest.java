package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kawi.nn.Linear;
import kawi.nn.Sequential;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** When a training ends, and that the best weights come back bit for bit. */
class EarlyStoppingTest {
    @Test
    void endsAfterPatienceAndRestores() {
        Kawi.seed(1);
        Sequential net = new Sequential(new Linear(3, 4), new Linear(4, 1));
        Sgd sgd = new Sgd(net.parameters(), 0.1);
        sgd.inPlace(true);
        Tensor x = Tensor.randn(8, 3).realized();
        EarlyStopping stopping = new EarlyStopping(net, 3);
        double[] losses = {5, 3, Double.NaN, 2, 2, 2.5, 7};
        String best = "";
        for (int epoch = 1; epoch <= losses.length; epoch++) {
            sgd.step(net.forward(x).square().mean());
            if (epoch == 4) {
                best = Weights.sha256(net.state());
            }
            assertThat(stopping.goOn(losses[epoch - 1])).as("epoch " + epoch).isEqualTo(epoch < 7);
        }
        assertThat(stopping.bestEpoch()).isEqualTo(4);
        assertThat(stopping.bestLoss()).isEqualTo(2);
        assertThat(Weights.sha256(net.state())).isNotEqualTo(best);
        stopping.restoreBest();
        assertThat(Weights.sha256(net.state())).isEqualTo(best);
        sgd.step(net.forward(x).square().mean()); // and training can go on from there, without touching the copy
        stopping.restoreBest();
        assertThat(Weights.sha256(net.state())).isEqualTo(best);
    }

    @Test
    void smallGainsDoNotCount() {
        EarlyStopping stopping = new EarlyStopping(new Linear(1, 1), 2, 0.5);
        assertThat(List.of(stopping.goOn(3), stopping.goOn(2.6), stopping.goOn(2.5)))
                .containsExactly(true, true, false);
        assertThat(stopping.bestEpoch()).isEqualTo(1);
    }

    @Test
    void withoutAnyNumberThereIsNoBest() {
        EarlyStopping stopping = new EarlyStopping(new Linear(1, 1), 2);
        assertThat(stopping.goOn(Double.NaN)).isTrue();
        assertThat(stopping.goOn(Double.NaN)).isFalse();
        assertThatThrownBy(stopping::restoreBest).hasMessageContaining("no best model");
        assertThatThrownBy(() -> new EarlyStopping(new Linear(1, 1), 0)).hasMessageContaining("patience");
    }
}
