package kawi.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import kawi.base.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Emitted moves against their definitions, to the last element of both segments. */
class RowMoverTest {
    private static final int ROWS = 3;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 14, 15, 16, 17, 31, 32, 33, 100})
    void movesWhatIsAskedForAndNothingElse(int count) {
        for (int bits : Values.WIDTHS) {
            RowMover mover = bits == 0 ? new PlainRowMover() : RowMoverEmitter.emit(bits);
            MemorySegment x = Values.random(DType.I32, ROWS * (2L * count + 3), 1);
            MemorySegment source = x.asSlice(0, (ROWS - 1) * (2L * count + 3) * 4 + 2L * count * 4);

            MemorySegment copied = Values.dirty(DType.I32, ROWS * (count + 1L));
            mover.copy(source, 0, (2L * count + 3) * 4, copied, 0, (count + 1) * 4L, ROWS, count);
            MemorySegment split = Values.dirty(DType.I32, ROWS * (count + 1L));
            mover.split(source, 0, (2L * count + 3) * 4, split, 0, (count + 1) * 4L, ROWS, count);
            MemorySegment joined = Values.dirty(DType.I32, ROWS * (2L * count + 1));
            mover.join(
                    copied,
                    0,
                    (count + 1) * 4L,
                    split,
                    0,
                    (count + 1) * 4L,
                    joined,
                    0,
                    (2L * count + 1) * 4,
                    ROWS,
                    count);
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < count; j++) {
                    double first = Values.get(DType.I32, x, i * (2L * count + 3) + j);
                    double second = Values.get(DType.I32, x, i * (2L * count + 3) + 2L * j);
                    String place = "%d bits, row %d, column %d".formatted(bits, i, j);
                    assertThat(Values.get(DType.I32, copied, i * (count + 1L) + j))
                            .as(place)
                            .isEqualTo(first);
                    assertThat(Values.get(DType.I32, split, i * (count + 1L) + j))
                            .as(place)
                            .isEqualTo(second);
                    assertThat(Values.get(DType.I32, joined, i * (2L * count + 1) + 2L * j))
                            .as(place)
                            .isEqualTo(first);
                    assertThat(Values.get(DType.I32, joined, i * (2L * count + 1) + 2L * j + 1))
                            .as(place)
                            .isEqualTo(second);
                }
                assertThat(Values.get(DType.I32, copied, i * (count + 1L) + count))
                        .isEqualTo(77);
                assertThat(Values.get(DType.I32, split, i * (count + 1L) + count))
                        .isEqualTo(77);
                assertThat(Values.get(DType.I32, joined, i * (2L * count + 1) + 2L * count))
                        .isEqualTo(77);
            }
        }
    }
}
