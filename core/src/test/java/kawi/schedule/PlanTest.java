package kawi.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Profile;
import kawi.tensor.Tensor;
import kawi.tensor.Update;
import kawi.tensor.Variable;
import org.junit.jupiter.api.Test;

/** What runs as one, what is planned once, and results that are views, numbers, empty or the same. */
class PlanTest {
    private static Tensor random(int... shape) {
        return Key.of(shape.length * 100L + shape[0]).normal(shape).realized();
    }

    private static String explain(Tensor t) {
        return String.join(" | ", Kawi.explain(t));
    }

    @Test
    void chainsAndReductionsAndEpiloguesRunAsOne() {
        Tensor x = random(40, 30);
        assertThat(explain(x.mul(2).add(1).tanh())).isEqualTo("mul+add+tanh");
        assertThat(Kawi.explain(x.square().sum(1))).hasSize(1);
        assertThat(explain(x.matmul(random(30, 20)).add(random(20)).tanh())).isEqualTo("matmul+add+tanh");
        assertThat(explain(x.softmax(1))).isEqualTo("max; sub+exp; sum; div");
        assertThat(Kawi.explain(x.t().reshape(5, 8, 30).flip(0))).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void anEpilogueSeesOnlyItsOwnBlock() {
        // every reader of the product must be at the product's own places: none of these may be fused as an epilogue
        Tensor a = random(70, 33);
        Tensor b = random(33, 70);
        Tensor plain = a.matmul(b).realized();
        Tensor y = a.matmul(b);
        assertThat(y.add(1).flip(0).mul(2).toFloatArray())
                .isEqualTo(plain.add(1).flip(0).mul(2).toFloatArray());
        Tensor z = a.matmul(b);
        assertThat(z.add(1).t().sub(z.mul(3)).toFloatArray())
                .isEqualTo(plain.add(1).realized().t().sub(plain.mul(3)).toFloatArray());
    }

    @Test
    void unitsDoNotWaitForEachOther() {
        Tensor a = random(6, 6);
        Tensor m = a.add(1);
        Tensor product = m.matmul(a);
        Tensor both = m.add(product).mul(m);
        Tensor sum = m.sumKeepDims(0);
        Tensor wanted = both.add(sum).add(m.t());
        Tensor m1 = a.add(1).realized();
        Tensor p1 = m1.matmul(a).realized();
        Tensor expected = m1.add(p1).mul(m1).add(m1.sumKeepDims(0)).add(m1.t());
        assertThat(wanted.toFloatArray()).isEqualTo(expected.toFloatArray());
    }

    @Test
    void readersOfOneResultAreOneLoopWhereNothingElseReadsTheirs() {
        Tensor x = random(40, 30);
        Tensor y = random(40, 30).mul(2).realized();
        Tensor s = x.mul(y).add(x);
        Tensor exp = s.exp();
        Tensor positive = Tensor.where(x.gt(0), s, y);
        assertThat(launches(exp, positive)).hasSize(1);
        Tensor expected = x.mul(y).realized().add(x).realized();
        assertThat(exp.toFloatArray()).isEqualTo(expected.exp().toFloatArray());
        assertThat(positive.toFloatArray())
                .isEqualTo(Tensor.where(x.gt(0), expected, y).toFloatArray());

        Tensor step = x.mul(y).sub(y);
        Tensor read = step.exp();
        assertThat(launches(read, read.matmul(y.t()), step.mul(y))).hasSize(3);

        Tensor shared = x.mul(y).sub(x);
        Tensor first = shared.exp();
        Tensor later = shared.mul(first.sum());
        Kawi.realize(first, later);
        Tensor alone = x.mul(y).realized().sub(x).realized();
        assertThat(later.toFloatArray())
                .isEqualTo(alone.mul(alone.exp().realized().sum().realized()).toFloatArray());
    }

    @Test
    void anUpdateThatIsHeldBackByItsLossIsOneLoopForAParameter() {
        Parameter w = new Parameter(random(40, 30));
        Variable m = new Variable(Tensor.zeros(40, 30));
        Tensor x = random(40, 30);
        Tensor loss = w.mul(x).square().mean();
        Tensor next = m.mul(0.9).add(Kawi.grad(loss, w));
        Update update = new Update(loss).inPlace(true).set(m, next).set(w, w.sub(next.mul(0.1)));
        List<String> launches = Kawi.profile(() -> update.runIfFinite(loss)).launches().stream()
                .map(Profile.Row::name)
                .toList();
        assertThat(launches).filteredOn(l -> l.contains("where")).hasSize(1);
    }

    private static List<Profile.Row> launches(Tensor... tensors) {
        return Kawi.profile(() -> Kawi.realize(tensors)).launches();
    }

    @Test
    void equalStepsArePlannedOnce() {
        Parameter w = new Parameter(random(8, 3));
        Variable m = new Variable(Tensor.zeros(8, 3));
        int before = 0;
        for (int step = 0; step < 100; step++) {
            Tensor loss = random(5, 8).matmul(w).square().mean();
            Update update = new Update(loss);
            Tensor next = m.mul(0.9).add(Kawi.grad(loss, w));
            update.set(m, next).set(w, w.sub(next.mul(0.1 / (step + 1)))).run();
            loss.item();
            if (step == 2) {
                before = Engine.get().plansMade();
            }
        }
        assertThat(Engine.get().plansMade()).isEqualTo(before);
    }

    @Test
    void resultsThatAreViewsOfLeavesAndOfEachOther() {
        Tensor leaf = random(4, 5);
        Tensor x = leaf.mul(2);
        List<Tensor> wanted = List.of(
                leaf.t(),
                x,
                x.t(),
                x.slice(0, 1, 3),
                x.reshape(20),
                x.t().reshape(20),
                x,
                x.flip(1).t());
        Kawi.realize(wanted.toArray(Tensor[]::new));
        float[] l = leaf.toFloatArray();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 5; j++) {
                float v = 2 * l[i * 5 + j];
                assertThat(wanted.get(0).toFloatArray()[j * 4 + i]).isEqualTo(l[i * 5 + j]);
                assertThat(wanted.get(1).toFloatArray()[i * 5 + j]).isEqualTo(v);
                assertThat(wanted.get(2).toFloatArray()[j * 4 + i]).isEqualTo(v);
                assertThat(wanted.get(4).toFloatArray()[i * 5 + j]).isEqualTo(v);
                assertThat(wanted.get(5).toFloatArray()[j * 4 + i]).isEqualTo(v);
                assertThat(wanted.get(7).toFloatArray()[(4 - j) * 4 + i]).isEqualTo(v);
            }
        }
        assertThat(wanted.get(3).toFloatArray()[0]).isEqualTo(2 * l[5]);
    }

    @Test
    void viewsOfViewsThatNeedCopies() {
        Tensor x = random(4, 6);
        Tensor realized = x.t().realized();
        assertThat(realized.reshape(24).toFloatArray()).isEqualTo(x.t().add(0).toFloatArray());
        assertThat(realized.reshape(3, 8).t().reshape(24).mul(1).toFloatArray())
                .isEqualTo(x.t().reshape(3, 8).t().reshape(24).toFloatArray());
        Tensor image = random(2, 3, 4, 5);
        Tensor turned = image.permute(0, 1, 3, 2).realized();
        assertThat(turned.maxPool2d(2, 2, 0).toFloatArray())
                .isEqualTo(image.permute(0, 1, 3, 2).mul(1).maxPool2d(2, 2, 0).toFloatArray());
        assertThat(turned.cumsum(1).toFloatArray())
                .isEqualTo(image.cumsum(1).permute(0, 1, 3, 2).toFloatArray());
    }

    @Test
    void numbersAndEmptyResults() {
        assertThat(Tensor.full(3, DType.I32, 2, 2).toIntArray()).containsExactly(3, 3, 3, 3);
        assertThat(Tensor.scalar(2).item()).isEqualTo(2);
        assertThat(Tensor.arange(3).toLongArray()).containsExactly(0, 1, 2);
        assertThat(Tensor.ones(3).expand(2, 3).t().toFloatArray()).hasSize(6).containsOnly(1);
        Tensor empty = Tensor.zeros(0, 3);
        assertThat(empty.add(1).matmul(Tensor.ones(3, 2)).toFloatArray()).isEmpty();
        assertThat(empty.sum(0).toFloatArray()).containsExactly(0, 0, 0);
        assertThat(empty.sum().item()).isZero();
        assertThat(empty.t().matmul(empty).toFloatArray()).hasSize(9).containsOnly(0);
        assertThat(Tensor.concat(0, empty, Tensor.ones(1, 3), empty).toFloatArray())
                .containsExactly(1, 1, 1);
        assertThat(empty.reshape(3, 0).toFloatArray()).isEmpty();
        assertThat(empty.pad(0, 1, 1, 5).toFloatArray()).hasSize(6).containsOnly(5);
        Parameter w = new Parameter(empty);
        assertThat(Kawi.grad(w.square().sum(), w).toFloatArray()).isEmpty();
        Tensor two = random(3);
        Tensor twice = two.add(1);
        Kawi.realize(twice, twice, twice);
        assertThat(twice.sub(two).toFloatArray()).containsOnly(1);
    }

    @Test
    void aRunThatFailsLeavesNothingHeld() throws ReflectiveOperationException {
        Kawi.realize(Tensor.zeros(1));
        java.lang.reflect.Field plans = Engine.class.getDeclaredField("plans");
        java.lang.reflect.Field memory = Plan.class.getDeclaredField("memory");
        java.lang.reflect.Field steps = Plan.class.getDeclaredField("steps");
        for (java.lang.reflect.Field f : List.of(plans, memory, steps)) {
            f.setAccessible(true);
        }
        Tensor picked = random(11, 13).mul(3).take(1, Tensor.of(new int[] {99})).add(1);
        assertThatThrownBy(picked::toFloatArray).isInstanceOf(KawiException.class);
        for (Object plan : ((java.util.Map<?, ?>) plans.get(Engine.get())).values()) {
            assertThat((Object[]) memory.get(plan)).containsOnlyNulls();
            for (Object step : (List<?>) steps.get(plan)) {
                assertThat(((Step) step).buffers()).allMatch(b -> b == null);
            }
        }
    }
}
