package user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.stream.Stream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Transform;
import kawi.tensor.Update;
import kawi.tensor.Variable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user reads after a mistake: the operation, both shapes, a way out, and the line in the user's own class. */
class ErrorMessagesTest {
    private static final Tensor A = Tensor.zeros(3, 4);
    private static final Tensor B = Tensor.zeros(5, 4);
    private static final Tensor IMAGE = Tensor.zeros(2, 3, 8, 8);

    private static final Tensor PLACES = Tensor.of(new int[] {0, 5});

    private static Arguments says(ThrowingCallable mistake, String... words) {
        return Arguments.of(words[0], mistake, words);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                says(() -> A.add(B), "add", "[3, 4]", "[5, 4]", "reshape"),
                says(() -> A.mul(Tensor.zeros(3)), "mul", "[3, 4]", "[3]", "broadcast"),
                says(() -> Tensor.where(Tensor.zeros(2), A, B), "where", "[3, 4]", "[5, 4]"),
                says(() -> A.matmul(B), "matmul", "[3, 4]", "[5, 4]", "transpose the second"),
                says(() -> A.matmul(Tensor.zeros(3, 9)), "matmul", "[3, 4]", "[3, 9]", "transpose the first"),
                says(() -> Tensor.zeros(2, 3, 4).matmul(Tensor.zeros(5, 4, 6)), "matmul", "batch", "[2]", "[5]"),
                says(() -> A.reshape(5, -1), "reshape", "[3, 4]", "12", "[5, -1]"),
                says(() -> A.reshape(5, 3), "reshape", "[3, 4]", "[5, 3]", "15"),
                says(() -> A.reshape(-1, -1), "reshape", "[3, 4]", "[-1, -1]"),
                says(() -> A.expand(3, 5), "expand", "[3, 4]", "[3, 5]"),
                says(() -> Tensor.zeros(3).expand(5), "expand", "[3]", "[5]"),
                says(() -> A.expand(4), "expand", "[3, 4]", "[4]"),
                says(() -> A.permute(0, 0), "permute", "[3, 4]", "once"),
                says(() -> A.transpose(0, 2), "transpose", "axis 2", "[3, 4]", "-2 to 1"),
                says(() -> A.sum(2), "sum", "axis 2", "[3, 4]"),
                says(() -> A.sum(0, -2), "sum", "twice"),
                says(() -> A.squeeze(0), "squeeze", "[3, 4]", "3"),
                says(() -> A.unsqueeze(4), "unsqueeze", "[3, 4]", "4"),
                says(() -> A.select(0, 3), "select", "index 3", "[3, 4]"),
                says(() -> A.slice(0, 0, 2, 0), "slice", "step"),
                says(() -> A.flatten(1, 0), "flatten", "[3, 4]"),
                says(() -> A.pad(0, -1, 0, 0), "pad", "-1"),
                says(() -> Tensor.concat(0, A, Tensor.zeros(3, 5)), "concat", "[3, 4]", "[3, 5]"),
                says(() -> Tensor.concat(0), "concat", "at least one"),
                says(() -> A.take(0, Tensor.ones(2)), "take", "f32", "to(DType.I64)"),
                says(() -> A.gather(0, Tensor.zeros(DType.I64, 3, 5)), "gather", "[3, 4]", "[3, 5]"),
                says(
                        () -> A.scatterAdd(0, Tensor.zeros(DType.I64, 2, 4), Tensor.ones(3, 4)),
                        "scatterAdd",
                        "[2, 4]",
                        "[3, 4]"),
                says(
                        () -> A.scatterAdd(0, Tensor.zeros(DType.I64, 2, 5), Tensor.ones(2, 5)),
                        "scatterAdd",
                        "[2, 5]",
                        "[3, 4]"),
                says(() -> A.matmul(Tensor.ones(3)), "matmul", "[3, 4]", "[3] do", "length", "transpose the first"),
                says(() -> Tensor.ones(3).matmul(B), "matmul", "[3]", "[5, 4]"),
                says(() -> Tensor.ones(4).matmul(B), "matmul", "[4]", "transpose the second"),
                says(() -> Tensor.ones(3).matmul(Tensor.ones(2)), "matmul", "[3] and [2]", "length"),
                says(() -> Tensor.scalar(2).matmul(A), "matmul", "[] and [3, 4]", "mul"),
                says(() -> A.oneHot(3), "oneHot", "f32[3, 4]", "cast"),
                says(() -> PLACES.oneHot(2).toIntArray(), "label", "example 1 is 5", "2 classes"),
                says(() -> PLACES.neg().oneHot(2).toIntArray(), "label", "example 1 is -5", "negative label"),
                says(() -> A.take(0, PLACES).toFloatArray(), "take", "index 5", "position 1", "0 to 2", "eager"),
                says(() -> A.sum(1).diag(Integer.MIN_VALUE), "diag", "3 numbers", "-2147483648"),
                says(() -> A.sum(1).diag(1 << 20), "diag", "3 numbers", "1048579"),
                says(() -> Kawi.jit((Tensor x) -> null).apply(A), "jit", "null"),
                says(() -> Transform.vmap(x -> Tensor.scalar(x.item())).apply(A), "vmap", "f32[4]", "Tensor.where"),
                says(() -> Tensor.zeros(0, 3).max(0), "max", "[0, 3]", "empty"),
                says(() -> Tensor.zeros(0, 3).argmax(0), "argmax", "[0, 3]", "empty"),
                says(() -> IMAGE.conv2d(Tensor.zeros(4, 5, 3, 3)), "conv2d", "[2, 3, 8, 8]", "[4, 5, 3, 3]"),
                says(() -> IMAGE.conv2d(Tensor.zeros(4, 3, 9, 9)), "conv2d", "9×9", "height 8", "padding"),
                says(() -> IMAGE.conv2d(Tensor.zeros(DType.F64, 4, 3, 3, 3)), "conv2d", "f32", "f64"),
                says(() -> IMAGE.conv2d(Tensor.zeros(4, 3, 5, 5), 1, 0, 1 << 30, 1), "conv2d", "5×5", "1073741824"),
                says(() -> IMAGE.conv2d(Tensor.zeros(4, 3, 3, 3), 1, 1 << 30, 1, 1), "conv2d", "2147483656", "padding"),
                says(() -> IMAGE.maxPool2d(2, 2, 2), "pooling", "half", "2×2"),
                says(() -> A.maxPool2d(2, 2, 0), "maxPool2d", "[3, 4]", "[batch, channels, height, width]"),
                says(() -> IMAGE.to(DType.I32).avgPool2d(2, 2, 0), "sumPool", "i32", "cast"),
                says(() -> Tensor.of(new float[5], 2, 3), "of", "[2, 3]", "6", "5"),
                says(() -> Tensor.zeros(3, -1), "negative", "[3, -1]"),
                says(() -> Tensor.zeros(1 << 30, 1 << 30, 1 << 30), "shape", "1237940039285380274899124224"),
                says(() -> Tensor.zeros(1 << 30, 1 << 30, 1 << 30, 0), "shape", "[1073741824, ", "of extent 0"),
                says(() -> Tensor.zeros(DType.F64, 1 << 30, 1 << 30), "shape", "1152921504606846976"),
                says(() -> Tensor.zeros(1 << 30, 1).add(Tensor.zeros(1 << 30)), "shape", "1152921504606846976"),
                says(() -> A.reshape(1 << 30, 1 << 30, 1 << 30, -1), "shape", "1237940039285380274899124224"),
                says(() -> Tensor.zeros(1 << 16, 1 << 16).reshape(-1), "reshape", "4294967296", "[-1]"),
                says(() -> Tensor.zeros(1 << 16, 1 << 16).flatten(0, 1), "flatten", "4294967296", "2147483647"),
                says(() -> Tensor.arange(0, 1L << 40), "arange", "1099511627776", "2147483647"),
                says(() -> Tensor.arange(Long.MIN_VALUE, Long.MAX_VALUE), "arange", "18446744073709551615"),
                says(() -> A.pad(0, Integer.MAX_VALUE, 1, 0), "pad", "2147483651", "[3, 4]"),
                says(() -> A.dim(9), "dim", "axis 9", "[3, 4]", "-2 to 1"),
                says(() -> A.shape().dim(-3), "dim", "axis -3", "[3, 4]"),
                says(() -> Key.of(1).permutation(-1), "permutation", "-1"),
                says(() -> Key.of(1).permutationArray(-1), "permutation", "-1"),
                says(() -> A.gt(0).add(A.gt(1)), "add", "bool", "cast"),
                says(() -> A.not(), "not", "f32", "cast", "DType.BOOL"),
                says(() -> A.and(A), "and", "f32", "DType.BOOL"),
                says(() -> Tensor.stack(0, A, B), "stack", "[3, 4] and [5, 4]", "concat"),
                says(() -> Tensor.ones(DType.I32, 2).requiresGrad(), "requiresGrad", "i32"),
                says(() -> Kawi.grad(A, A), "grad", "f32[3, 4]", "sum()"),
                says(() -> Kawi.grad(A.sum(), A), "grad", "not tracked", "requiresGrad()"),
                says(() -> Kawi.grad(A.to(DType.I32).sum(), new Parameter(A)), "floating-point", "i64"),
                says(() -> new Variable(A).assign(B), "assign", "[3, 4]", "[5, 4]"),
                says(() -> new Update().set(new Variable(A), B), "update", "[3, 4]", "[5, 4]"),
                says(() -> A.item(), "item", "f32[3, 4]", "12"),
                says(() -> Key.of(1).bernoulli(1.5, 3), "bernoulli", "1.5"),
                says(() -> Key.of(1).uniform(DType.I32, 3), "random", "i32", "cast"),
                says(() -> Kawi.threads(0), "threads", "0"));
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("mistakes")
    void saysWhatAndWhereAndHowToMendIt(String operation, ThrowingCallable mistake, String[] words) {
        Throwable e = catchThrowable(mistake);
        assertThat(e).isNotNull();
        assertThat(e.getMessage())
                .contains(words)
                .contains("user.ErrorMessagesTest")
                .contains("ErrorMessagesTest.java:");
    }

    @Test
    void diagonalsBeyondTheMatrixAreEmpty() {
        for (int offset : new int[] {Integer.MIN_VALUE, -3, 4, Integer.MAX_VALUE}) {
            assertThat(A.diag(offset).shape().dims()).containsExactly(0);
        }
    }

    @Test
    void placesOutOfRangeAreFoundWhenRead() {
        for (int bad : new int[] {3, -1}) {
            Tensor picked = A.take(0, Tensor.of(new int[] {0, bad}));
            Tensor gathered = A.gather(0, Tensor.of(new int[] {0, 1, 2, bad}, 1, 4));
            Tensor added = A.scatterAdd(1, Tensor.of(new int[] {1, bad + 1, 0}, 3, 1), Tensor.ones(3, 1));
            assertThat(catchThrowable(() -> picked.toFloatArray()))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContaining("index " + bad)
                    .hasMessageContainingAll("0 to 2", "ErrorMessagesTest.java:");
            assertThat(catchThrowable(() -> gathered.toFloatArray()))
                    .isInstanceOf(KawiException.class)
                    .hasMessageContaining("index " + bad);
            if (bad == 3) {
                assertThat(catchThrowable(() -> added.toFloatArray()))
                        .isInstanceOf(KawiException.class)
                        .hasMessageContaining("index 4");
            }
            assertThat(A.add(1).sum().item()).isEqualTo(12);
        }
    }
}
