package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import kawi.base.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors of 16 bits are stored and moved as they are, and computed with in single precision. */
class HalfTypesTest {
    private static final float[] NUMBERS = {1.1f, -2.7f, 3.3f, 1e-3f, 1234.5f, 0};

    private static Tensor half(DType type) {
        return Tensor.of(NUMBERS, 2, 3).to(type);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void takeHalfTheMemory(DType type) {
        assertThat(half(type).segment().byteSize()).isEqualTo(12);
        assertThat(Tensor.zeros(type, 4, 5).segment().byteSize()).isEqualTo(40);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void movementsKeepTheType(DType type) {
        Tensor x = half(type);
        Tensor wide = x.to(DType.F32);
        Tensor rows = Tensor.of(new long[] {1, 0, 1}, 3);
        Object[][] moved = {
            {"transpose", x.t(), wide.t()},
            {"flip", x.flip(0, 1), wide.flip(0, 1)},
            {"slice", x.slice(1, 1, 3), wide.slice(1, 1, 3)},
            {"pad", x.pad(1, 2, 0, 1), wide.pad(1, 2, 0, 1)},
            {"concat", Tensor.concat(1, x, x), Tensor.concat(1, wide, wide)},
            {"take", x.take(0, rows), wide.take(0, rows)},
            {"reshape", x.reshape(3, 2), wide.reshape(3, 2)},
            {"expand", x.unsqueeze(0).expand(4, 2, 3), wide.unsqueeze(0).expand(4, 2, 3)},
        };
        for (Object[] m : moved) {
            assertThat(((Tensor) m[1]).dtype()).as((String) m[0]).isEqualTo(type);
            assertThat(((Tensor) m[1]).toFloatArray()).as((String) m[0]).isEqualTo(((Tensor) m[2]).toFloatArray());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void arithmeticIsInSinglePrecision(DType type) {
        Tensor x = half(type);
        Tensor wide = x.to(DType.F32);
        Object[][] computed = {
            {"add", x.add(x), wide.add(wide)},
            {"add f32", x.add(1.5), wide.add(1.5)},
            {"mul i64", x.mul(Tensor.of(new long[] {1, 2, 3}, 3)), wide.mul(Tensor.of(new long[] {1, 2, 3}, 3))},
            {"exp", x.exp(), wide.exp()},
            {"sum", x.sum(0), wide.sum(0)},
            {"matmul", x.matmul(x.t()), wide.matmul(wide.t())},
            {"softmax", x.softmax(-1), wide.softmax(-1)},
        };
        for (Object[] c : computed) {
            assertThat(((Tensor) c[1]).dtype()).as((String) c[0]).isEqualTo(DType.F32);
            assertThat(((Tensor) c[1]).toFloatArray()).as((String) c[0]).isEqualTo(((Tensor) c[2]).toFloatArray());
        }
        assertThat(x.add(Tensor.ones(DType.F64, 3)).dtype()).isEqualTo(DType.F64);
        assertThat(DType.promote(DType.F16, DType.BF16)).isEqualTo(DType.F32);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void derivativesPassThroughInSinglePrecision(DType type) {
        Tensor x = Tensor.of(NUMBERS, 2, 3).requiresGrad();
        Tensor h = x.to(type);
        Tensor g = Kawi.grad(h.t().square().sum(), x);
        assertThat(g.dtype()).isEqualTo(DType.F32);
        assertThat(g.toFloatArray()).isEqualTo(h.mul(2).toFloatArray());
        Tensor stored = half(type).requiresGrad();
        Tensor byStored = Kawi.grad(Tensor.concat(0, stored, stored).square().sum(), stored);
        assertThat(byStored.dtype()).isEqualTo(DType.F32);
        assertThat(byStored.toFloatArray()).isEqualTo(stored.mul(4).toFloatArray());
    }

    /** Arithmetic is in single precision, for the number as for the elements; only what is looked for is rounded as they were. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void numbersAreNotRounded(DType type) {
        Tensor one = Tensor.ones(type, 1);
        assertThat(one.mul(1e-9).toFloatArray()).containsExactly(1e-9f);
        assertThat(one.add(70001).toFloatArray()).containsExactly(70002);
        assertThat(one.sub(0.1).toFloatArray()).containsExactly(1 - 0.1f);
        assertThat(one.lt(1.0000001).item()).isEqualTo(1);
        assertThat(one.maskedFill(one.eq(1), 1e9).toFloatArray()).containsExactly(1e9f);
        assertThat(Tensor.full(0.1, type, 1).eq(0.1).item()).isEqualTo(1);
        assertThat(Tensor.full(0.1, type, 1).ne(0.1).item()).isEqualTo(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void tangentsPassThroughInSinglePrecision(DType type) {
        Tensor x = Tensor.of(NUMBERS, 2, 3);
        Tensor v = Tensor.of(new float[] {1.0001f, 2, -3, 4, 0.5f, 6}, 2, 3);
        Transform.Jvp y =
                Transform.jvp(t -> Tensor.concat(0, t.to(type), half(type)).t(), x, v);
        assertThat(y.value().dtype()).isEqualTo(type);
        assertThat(y.tangent().dtype()).isEqualTo(DType.F32);
        assertThat(y.tangent().toFloatArray())
                .isEqualTo(Tensor.concat(0, v, v.zerosLike()).t().toFloatArray());
    }
}
