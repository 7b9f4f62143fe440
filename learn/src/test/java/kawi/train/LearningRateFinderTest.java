package kawi.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import kawi.base.KawiException;
import kawi.nn.BatchNorm;
import kawi.nn.Linear;
import kawi.nn.Module;
import kawi.nn.Sequential;
import kawi.optim.Sgd;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateFinderTest {
    @TempDir
    Path folder;

    private final Tensor x = Key.of(1).normal(64, 5).realized();
    private final Tensor y = x.matmul(Key.of(2).normal(5, 1)).realized();

    /** Least squares: descent falls fast up to 2/L and blows up after it. */
    @Test
    void findsARateBelowTheOneThatBlowsUpAndLeavesTheModel() throws Exception {
        Kawi.seed(0);
        Module model = new Sequential(new BatchNorm(5), new Linear(5, 1));
        String before = Weights.sha256(model.state());
        LearningRateFinder found = LearningRateFinder.test(
                model,
                p -> new Sgd(p, 1),
                () -> model.forward(x).sub(y).square().mean(),
                1e-5,
                1e3,
                200);
        assertThat(Weights.sha256(model.state())).isEqualTo(before);
        assertThat(found.rates()).hasSizeLessThan(200); // ended early
        assertThat(found.rates().getFirst()).isEqualTo(1e-5);
        double blownUp = found.rates().getLast();
        assertThat(found.steepest()).isBetween(1e-3, blownUp / 2);
        assertThat(found.smoothed().getFirst()).isCloseTo(found.losses().getFirst(), within(1e-9));
        Path picture = folder.resolve("rates.png");
        found.picture(picture);
        assertThat(Files.readAllBytes(picture)).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void aLossThatIsNotFiniteEndsTheTest() {
        Module model = new Linear(5, 1);
        LearningRateFinder found = LearningRateFinder.test(
                model, p -> new Sgd(p, 1), () -> model.forward(x).mean().mul(Double.NaN), 1e-3, 1, 10);
        assertThat(found.rates()).isEmpty();
        assertThatThrownBy(found::steepest)
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("did not fall in 0 steps");
        found.picture(folder.resolve("empty.png"));
    }

    @Test
    void impossibleRangesAreRefused() {
        Module model = new Linear(5, 1);
        assertThatThrownBy(() -> LearningRateFinder.test(
                        model, p -> new Sgd(p, 1), () -> model.forward(x).mean(), 1, 1e-3, 10))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("1.0, 0.001 and 10");
    }
}
