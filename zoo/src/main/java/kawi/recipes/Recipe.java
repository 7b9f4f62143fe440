package kawi.recipes;

import java.nio.file.Path;
import java.util.List;
import kawi.data.DataException;
import kawi.data.Dataset;
import kawi.data.GreyImages;
import kawi.data.ImageDataset;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import org.jspecify.annotations.Nullable;

/**
 * A result that can be repeated: data, network, optimiser and their settings. A new recipe is one class, named in {@link
 * #all}.
 */
public interface Recipe {
    /** All recipes. */
    static List<Recipe> all() {
        return List.of(new DigitsRecipe(), new MnistRecipe());
    }

    /** Name on the command line. */
    String name();

    /** One line on what it shows. */
    String description();

    /** Epochs unless asked otherwise. */
    int epochs();

    /** Examples a step unless asked otherwise. */
    int batchSize();

    /** Learning rate, or its peak, unless asked otherwise. */
    double learningRate();

    /** A new network; draws its first weights from the global stream. */
    Module model();

    /** The optimiser of a training of so many steps. */
    Optimizer optimizer(Module model, double learningRate, long steps);

    /**
     * The data.
     *
     * @param folder a folder of data sets, or null to look where {@code KAWI_DATA} says and in the user's cache
     */
    Data load(@Nullable Path folder);

    /** How an image becomes an input: (pixel/255 − mean)/deviation. */
    float mean();

    /** See {@link #mean}. */
    float deviation();

    /**
     * Examples to learn from, to decide by while training, and to be judged by at the end.
     *
     * @param validation taken from the training images, and not learnt from
     */
    record Data(Dataset train, Dataset validation, Dataset test) {
        /** The last 5,000 training images validate; the others may be changed at random by the given amounts. */
        static Data of(GreyImages train, GreyImages test, Recipe recipe, double shift, double rotation) {
            int held = 5000;
            if (train.count() <= held) {
                throw new DataException(
                        "recipe %s: the last %d training images validate, so more are needed, but there are %d; give --data a larger set"
                                .formatted(recipe.name(), held, train.count()));
            }
            int kept = train.count() - held;
            ImageDataset learn = images(train.range(0, kept), recipe);
            return new Data(
                    shift > 0 || rotation > 0 ? learn.augmented(shift, rotation) : learn,
                    images(train.range(kept, train.count()), recipe),
                    images(test, recipe));
        }

        private static ImageDataset images(GreyImages images, Recipe recipe) {
            return new ImageDataset(images, recipe.mean(), recipe.deviation(), null);
        }
    }
}
