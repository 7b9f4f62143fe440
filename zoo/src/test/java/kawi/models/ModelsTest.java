package kawi.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import kawi.base.KawiException;
import kawi.nn.Losses;
import kawi.nn.Lstm;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelsTest {
    @BeforeEach
    void seed() {
        Kawi.seed(3);
    }

    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of("ResNet-18", (Supplier<Module>) () -> ResNet.resNet18(1000), 11_689_512),
                Arguments.of("ResNet-34", (Supplier<Module>) () -> ResNet.resNet34(1000), 21_797_672),
                Arguments.of("ResNet-50", (Supplier<Module>) () -> ResNet.resNet50(1000), 25_557_032),
                Arguments.of("ResNet-18, 32×32", (Supplier<Module>) () -> ResNet.resNet18ForSmallImages(10), 11_173_962),
                Arguments.of("GPT-2", (Supplier<Module>) Gpt2::small, 124_439_808),
                // 10,000·200 + 2·4·200·(200 + 200 + 2) + 200·10,000 + 10,000
                Arguments.of("LSTM", (Supplier<Module>) () -> new LstmLanguageModel(10_000, 200, 2), 4_653_200),
                Arguments.of("MNIST CNN", (Supplier<Module>) MnistCnn::new, 1_199_882));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("published")
    void theNumberOfParametersIsThePublishedOne(String name, Supplier<Module> model, int parameters) {
        assertThat(model.get().parameterCount()).isEqualTo(parameters);
    }

    @Test
    void resNetsHalveTheirImagesFiveTimes() {
        assertThat(ResNet.resNet18(7).eval().forward(Tensor.randn(2, 3, 64, 64)).shape().dims())
                .containsExactly(2, 7);
        assertThat(ResNet.resNet50(7).eval().forward(Tensor.randn(1, 3, 32, 32)).shape().dims())
                .containsExactly(1, 7);
    }

    @Test
    void aResNetLearnsABatch() {
        ResNet model = ResNet.resNet18ForSmallImages(4);
        Tensor x = Tensor.randn(4, 3, 8, 8);
        Tensor y = Tensor.of(new long[] {0, 1, 2, 3});
        assertThat(learns(model.parameters(), 1e-3, 5, () -> Losses.crossEntropy(model.forward(x), y)))
                .isLessThan(0.5);
    }

    @Test
    void gpt2LearnsASequence() {
        Gpt2 model = new Gpt2(20, 16, 2, 2, 32);
        Tensor tokens = Tensor.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6}, 1, 8);
        Tensor next = Tensor.of(new long[] {1, 4, 1, 5, 9, 2, 6, 5});
        assertThat(learns(
                        model.parameters(),
                        1e-2,
                        20,
                        () -> Losses.crossEntropy(model.forward(tokens).flatten(0, 1), next)))
                .isLessThan(0.5);
        assertThatThrownBy(() -> model.forward(Tensor.zeros(kawi.base.DType.I64, 1, 17)))
                .isInstanceOf(KawiException.class)
                .hasMessageContainingAll("16", "[1, 17]");
    }

    @Test
    void anLstmLearnsASequence() {
        LstmLanguageModel model = new LstmLanguageModel(20, 32, 2);
        Tensor tokens = Tensor.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6}, 8, 1);
        Tensor next = Tensor.of(new long[] {1, 4, 1, 5, 9, 2, 6, 5});
        assertThat(learns(
                        model.parameters(),
                        2e-2,
                        20,
                        () -> Losses.crossEntropy(model.forward(tokens).flatten(0, 1), next)))
                .isLessThan(0.5);
    }

    @Test
    void anLstmGoesOnWhereATextWasLeft() {
        LstmLanguageModel model = new LstmLanguageModel(20, 8, 2);
        Tensor tokens = Tensor.of(new long[] {3, 1, 4, 1, 5, 9}, 6, 1);
        Tensor zeros = Tensor.zeros(1, 8);
        List<Lstm.State> start = List.of(new Lstm.State(zeros, zeros), new Lstm.State(zeros, zeros));
        LstmLanguageModel.Output first = model.forward(tokens.slice(0, 0, 4), start);
        LstmLanguageModel.Output second = model.forward(tokens.slice(0, 4, 6), first.states());
        Tensor whole = model.forward(tokens);
        assertThat(Tensor.concat(0, first.logits(), second.logits()).sub(whole).abs().max().item())
                .isLessThan(1e-5);
    }

    /** Loss after so many steps of Adam, as a part of the first. */
    private static double learns(
            List<kawi.tensor.Parameter> parameters, double rate, int steps, Supplier<Tensor> loss) {
        Adam adam = new Adam(parameters, rate);
        double first = loss.get().item();
        for (int i = 0; i < steps; i++) {
            adam.step(loss.get());
        }
        return loss.get().item() / first;
    }
}
