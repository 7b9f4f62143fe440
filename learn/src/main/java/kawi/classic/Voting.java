package kawi.classic;

import java.util.Arrays;
import java.util.List;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** The label that most models predict, the smallest of them where votes are equal. */
public record Voting(List<? extends Model> models) implements Model {
    /** Of at least one model. */
    public Voting {
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new KawiException("Voting: there are no models");
        }
    }

    @Override
    public Tensor predict(Tensor x) {
        Tensor[] votes = models.stream().map(m -> m.predict(x)).toArray(Tensor[]::new);
        Tensor all = Tensor.stack(1, votes).realized(); // [n, models]
        double[] labels = Arrays.stream(all.toDoubleArray()).sorted().distinct().toArray();
        Tensor counts = Tensor.stack(
                1,
                Arrays.stream(labels)
                        .mapToObj(label -> all.eq(label).to(DType.F32).sum(1))
                        .toArray(Tensor[]::new));
        return Tensor.of(labels).to(all.dtype()).take(0, counts.argmax(1));
    }
}
