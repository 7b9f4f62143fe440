package kawi.recipes;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kawi.data.Dataset;
import kawi.data.table.Csv;
import kawi.data.table.Field;
import kawi.data.table.Impute;
import kawi.data.table.Standardize;
import kawi.data.table.Table;
import kawi.data.table.Training;
import kawi.data.table.Transformation;
import kawi.evaluate.Split;
import kawi.evaluate.Splits;
import kawi.nn.Activation;
import kawi.nn.Linear;
import kawi.nn.Losses;
import kawi.nn.Sequential;
import kawi.optim.Adam;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import kawi.train.EpochMetrics;
import kawi.train.Trainer;

/**
 * Early stopping (Prechelt 1998, <em>Early stopping, but when?</em>). A network large enough to learn 460 women of the Pima data by heart first learns what they have in
 * common: the loss on validation examples falls, and rises again as the network turns to what is particular to the training examples. So training ends when that loss has
 * not fallen for 30 epochs (the patience), the weights of the best epoch come back, and the test examples are looked at once, at the end.
 */
final class B14EarlyStopping implements Demonstration {
    private static final int EPOCHS = 300;
    private static final int PATIENCE = 30;
    private static final List<String> MEASURES =
            List.of("pregnancies", "glucose", "pressure", "skin", "insulin", "mass", "pedigree", "age");

    @Override
    public String id() {
        return "B14";
    }

    @Override
    public String sentence() {
        return "early stopping with patience gives back the weights of the best epoch, before the network learns by heart";
    }

    /** One part of the data as tensors. */
    private record Part(Tensor x, Tensor y) {
        static Part of(Table t) {
            return new Part(t.tensor(MEASURES.toArray(String[]::new)), t.classes("diabetes"));
        }
    }

    @Override
    public void run(Report report) {
        Table all = table(report);
        Split outer = Splits.stratified(all.codes("diabetes"), 0.2, 1);
        int[] learning = outer.train();
        Split inner =
                Splits.stratified(all.take(learning).codes("diabetes"), 0.25, 2).of(learning);
        Table.Parts parts = all.split(inner.train(), inner.test());
        Training raw = parts.training();
        Impute impute = Impute.fit(raw, Impute.By.MEDIAN, "glucose", "pressure", "skin", "insulin", "mass");
        Transformation prepare = impute.then(
                Standardize.fit(impute.apply(raw), MEASURES.toArray(String[]::new))); // from training rows alone
        Part train = Part.of(prepare.apply(raw).table());
        Part validation = Part.of(prepare.apply(parts.test()));
        Part test = Part.of(prepare.apply(all.take(outer.test())));
        report.say(
                "%d women to learn from, %d for validation, %d for the test",
                train.x.dim(0), validation.x.dim(0), test.x.dim(0));

        Course stopped = Course.of(train, validation, true);
        double testAtBest = loss(stopped.model, test);
        double accuracy =
                stopped.model.forward(test.x).argmax(1).eq(test.y).sum().item() / test.y.size();
        EpochMetrics best = stopped.best();
        int ended = stopped.epochs.size();
        report.say(
                "ended after epoch %d; the best was epoch %d with validation loss %.4f; test loss %.4f, accuracy %.3f",
                ended, best.epoch(), best.validationLoss(), testAtBest, accuracy);
        Course whole = Course.of(train, validation, false);
        double testAtEnd = loss(whole.model, test);
        report.say(
                "without stopping, after %d epochs: validation loss %.4f, test loss %.4f",
                EPOCHS, whole.epochs.getLast().validationLoss(), testAtEnd);

        report.figure(
                "restored",
                "validation loss of the restored weights − the lowest",
                loss(stopped.model, validation) - best.validationLoss(),
                Reference.exactly(0));
        report.figure("waited", "epochs trained after the best one", ended - best.epoch(), Reference.exactly(PATIENCE));
        report.figure(
                "accuracy", "accuracy on the test rows", accuracy, Reference.atLeast(0.7)); // 65 % have no diabetes
        report.figure(
                "overfitting",
                "test loss after all epochs / of the restored weights",
                testAtEnd / testAtBest,
                Reference.atLeast(1.5));
        report.figure(
                "by_heart",
                "training loss after all epochs / at the best epoch",
                whole.epochs.getLast().trainLoss() / best.trainLoss(),
                Reference.atMost(0.5));
        report.picture(
                "curves",
                Plot.of("A network of 8, 64, 64 and 2 units on the Pima data", "epoch", "cross-entropy")
                        .line("training", whole.training())
                        .line("validation", whole.validation())
                        .line("best", new double[] {best.epoch(), best.epoch()}, new double[] {0, best.validationLoss()
                        })
                        .line("end of patience", new double[] {ended, ended}, new double[] {
                            0, stopped.epochs.getLast().validationLoss()
                        }));
    }

    /** The file writes 0 for what was not measured, which cannot be 0 in these columns: missing values, made explicit. */
    private static Table table(Report report) {
        List<Field> fields = Stream.concat(MEASURES.stream(), Stream.of("diabetes"))
                .map(Field::number)
                .toList();
        Table t = new Csv()
                .header(false)
                .fields(fields)
                .read(report.data(Tables.DIABETES).resolve("pima-indians-diabetes.csv"));
        for (String name : List.of("glucose", "pressure", "skin", "insulin", "mass")) {
            t = t.map(name, name, v -> v == 0 ? Double.NaN : v);
        }
        return t;
    }

    private static double loss(Sequential model, Part part) {
        return Losses.crossEntropy(model.forward(part.x), part.y).item();
    }

    /** A training from the same start, each epoch one step on all rows: ended by patience, or after all epochs. */
    private record Course(Sequential model, List<EpochMetrics> epochs) {
        static Course of(Part train, Part validation, boolean stop) {
            Sequential model = Kawi.withStream(
                    3,
                    0,
                    () -> new Sequential(
                            new Linear(8, 64),
                            Activation.relu(),
                            new Linear(64, 64),
                            Activation.relu(),
                            new Linear(64, 2)));
            Trainer trainer = new Trainer(model, new Adam(model.parameters(), 3e-3), train.x.dim(0), EPOCHS, 3).quiet();
            if (stop) {
                trainer.earlyStopping(PATIENCE);
            }
            return new Course(model, trainer.fit(Dataset.of(train.x, train.y), Dataset.of(validation.x, validation.y)));
        }

        double[] training() {
            return epochs.stream().mapToDouble(EpochMetrics::trainLoss).toArray();
        }

        double[] validation() {
            return epochs.stream().mapToDouble(EpochMetrics::validationLoss).toArray();
        }

        EpochMetrics best() {
            return epochs.stream()
                    .min(Comparator.comparingDouble(EpochMetrics::validationLoss))
                    .orElseThrow();
        }
    }
}
