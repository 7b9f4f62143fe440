package kawi.classic;

import java.util.List;
import kawi.base.KawiException;
import kawi.tensor.Tensor;

/** The mean of what models predict. */
public record Averaging(List<? extends Model> models) implements Model {
    /** Of at least one model. */
    public Averaging {
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new KawiException("Averaging: there are no models");
        }
    }

    @Override
    public Tensor predict(Tensor x) {
        Tensor sum = models.get(0).predict(x);
        for (Model model : models.subList(1, models.size())) {
            sum = sum.add(model.predict(x));
        }
        return sum.div(models.size());
    }
}
