package kawi.recipes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.data.table.Csv;
import kawi.data.table.Field;
import kawi.data.table.Standardize;
import kawi.data.table.Table;
import kawi.data.table.Training;
import kawi.evaluate.Configuration;
import kawi.evaluate.Interval;
import kawi.evaluate.Intervals;
import kawi.evaluate.Leakage;
import kawi.evaluate.Metrics;
import kawi.evaluate.RocCurve;
import kawi.evaluate.Scores;
import kawi.evaluate.Search;
import kawi.evaluate.Space;
import kawi.evaluate.Split;
import kawi.evaluate.Splits;
import kawi.evaluate.Trial;
import kawi.linalg.Linalg;
import kawi.optim.Lbfgs;
import kawi.optim.Stopping;
import kawi.tensor.Tensor;

/**
 * What a score is worth. On tumours of the Wisconsin data (30 measures; logistic regression, its penalty λ chosen inside the training part):
 *
 * <ol>
 *   <li>λ is searched by cross-validation, on a grid, at random, and by successive halving; the test rows are looked at once, with an interval
 *   <li>a 95 % interval must hold the true value in 95 % of all cases: by exact sums over the binomial distribution, and by simulation
 *   <li>leaks are planted and found, and what one does to a score is shown: features chosen by their correlation with coin flips
 *       before cross-validation (Hastie, Tibshirani and Friedman, <em>The elements of statistical learning</em>, section 7.10.2)
 *   <li>a forecast is tested on the future only: walk-forward validation of an autoregression on ten years of temperatures
 * </ol>
 */
final class B15HonestEvaluation implements Demonstration {
    @Override
    public String id() {
        return "B15";
    }

    @Override
    public String sentence() {
        return "honest evaluation: splits, searches inside the training part, intervals that cover, leaks found, forecasts of the future";
    }

    @Override
    public void run(Report report) {
        tumours(report);
        coverage(report);
        leaks(report);
        featuresChosenTooEarly(report);
        temperatures(report);
    }

    // Splits, search, intervals

    private static void tumours(Report report) {
        Table table = new Csv().header(false).read(report.data(Tables.TUMOURS).resolve("wdbc.data"));
        Field diagnosis = table.schema().fields().get(1);
        Table all = table.without("column1"); // the number of the patient
        Split split = Splits.stratified(all.codes(diagnosis.name()), 0.25, 1);
        Leakage.of(split)
                .duplicates(all.tensor())
                .groups(rounded(table.tensor(DType.F64, "column1")))
                .refuse();

        Table learning = all.take(split.train());
        List<Split> folds = Splits.stratifiedKFold(learning.codes(diagnosis.name()), 10, 2);
        Search.Objective byFolds = (c, budget) -> Scores.of(
                        folds.subList(0, Math.min(budget, 10)),
                        f -> Logistic.fit(learning, diagnosis.name(), f, c.number("lambda"))
                                .accuracy())
                .mean();
        Space space = new Space().logarithmic("lambda", 1e-4, 10);
        Search search = new Search(0);
        List<Trial> grid = search.run(space.grid(7), (c, once) -> byFolds.score(c, 10));
        List<Trial> random = search.run(space.random(7, 3), (c, once) -> byFolds.score(c, 10));
        List<Trial> halved = search.halving(space.random(27, 3), 3, 1, 9, byFolds);
        report.say(
                "cross-validated accuracy, 10 folds: grid %.4f (%s), random %.4f (%s)",
                grid.getFirst().score(),
                grid.getFirst().configuration(),
                random.getFirst().score(),
                random.getFirst().configuration());
        report.say(
                "successive halving of 27 over folds: %s, for %d fits in place of 243",
                halved.getFirst().configuration(), 27 + 9 * 3 + 3 * 9);
        Trial best = grid.getFirst().score() >= random.getFirst().score() ? grid.getFirst() : random.getFirst();
        Configuration chosen = best.configuration();
        Scores scores = Scores.of(
                folds,
                f -> Logistic.fit(learning, diagnosis.name(), f, chosen.number("lambda"))
                        .accuracy());
        Interval ofFolds = scores.interval(0.95);

        Logistic model = Logistic.fit(all, diagnosis.name(), split, chosen.number("lambda"));
        long right = Math.round(model.accuracy() * split.test().length);
        Interval exact = Intervals.clopperPearson(right, split.test().length, 0.95);
        report.say(
                "cross-validation %s, interval %s; test %.4f, 95 %% interval %s (exact), %s (Wilson)",
                scores, ofFolds, model.accuracy(), exact, Intervals.wilson(right, split.test().length, 0.95));
        // wdbc.names: 97.5 % by a separating plane, by repeated ten-fold cross-validation
        report.figure("cv_accuracy", "tumours: cross-validated accuracy", scores.mean(), Reference.near(0.975, 0.01));
        report.figure("test_accuracy", "tumours: accuracy on the test rows", model.accuracy(), Reference.atLeast(0.95));
        report.figure(
                "published_inside",
                "published 0.975 within the exact interval",
                exact.contains(0.975) ? 1 : 0,
                Reference.exactly(1));
        report.figure("auc", "tumours: area under the ROC curve", model.auc(), Reference.atLeast(0.98));
        report.figure(
                "halving_loss",
                "best of the grid − choice of halving, cross-validated",
                grid.getFirst().score() - byFolds.score(halved.getFirst().configuration(), 10),
                Reference.atMost(0.01));
    }

    private static int[] rounded(Tensor column) {
        return column.toIntArray();
    }

    /** Logistic regression with λ/2·‖w‖² by L-BFGS, scaled by the training rows; scores on the test rows. */
    private record Logistic(Tensor scores, Tensor labels) {
        static Logistic fit(Table table, String target, Split split, double lambda) {
            Table.Parts parts = table.split(split.train(), split.test());
            Standardize scale = Standardize.fit(parts.training());
            Training train = scale.apply(parts.training());
            Tensor x = train.table().tensor(DType.F64);
            Tensor y = train.classes(target).to(DType.F64);
            int d = x.dim(1);
            Tensor w = new Lbfgs(new Stopping(1e-4, 300))
                    .minimize(
                            v -> {
                                Tensor slopes = v.slice(0, 0, d);
                                Tensor z = x.matmul(slopes).add(v.select(0, d));
                                Tensor loss = z.softplus().sub(z.mul(y)).mean();
                                return loss.add(slopes.square().sum().mul(lambda / 2));
                            },
                            Tensor.zeros(DType.F64, d + 1))
                    .x();
            Table test = scale.apply(parts.test());
            Tensor z = test.tensor(DType.F64).matmul(w.slice(0, 0, d)).add(w.select(0, d));
            return new Logistic(z.realized(), test.classes(target));
        }

        double accuracy() {
            return Metrics.accuracy(scores.gt(0).to(DType.I64), labels);
        }

        double auc() {
            return RocCurve.of(scores, labels).auc();
        }
    }

    // Coverage

    private static void coverage(Report report) {
        int n = 100;
        double[] p = IntStream.rangeClosed(50, 99).mapToDouble(k -> k / 100.0).toArray();
        double[] exact = new double[p.length];
        double[] wilson = new double[p.length];
        double[] normal = new double[p.length];
        for (int k = 0; k < p.length; k++) {
            double weight = Math.pow(1 - p[k], n);
            for (int s = 0; s <= n; s++) {
                exact[k] += Intervals.clopperPearson(s, n, 0.95).contains(p[k]) ? weight : 0;
                wilson[k] += Intervals.wilson(s, n, 0.95).contains(p[k]) ? weight : 0;
                double share = (double) s / n;
                double reach = 1.959964 * Math.sqrt(share * (1 - share) / n);
                normal[k] += Math.abs(p[k] - share) <= reach ? weight : 0;
                weight *= (n - s) * p[k] / ((s + 1) * (1 - p[k]));
            }
        }
        double least = Arrays.stream(exact).min().orElseThrow();
        report.figure(
                "exact_coverage", "least coverage of the exact 95 % interval, n = 100", least, Reference.atLeast(0.95));
        report.figure(
                "wilson_coverage",
                "mean coverage of Wilson's interval",
                Arrays.stream(wilson).average().orElseThrow(),
                Reference.near(0.95, 0.01));
        report.figure(
                "normal_coverage",
                "coverage of p̂ ± 1.96·√(p̂(1 − p̂)/n) at p = 0.99",
                normal[p.length - 1],
                Reference.atMost(0.7));
        report.picture(
                "coverage",
                Plot.of("How often a 95 % interval holds the true accuracy, n = 100", "true accuracy", "coverage")
                        .line("Clopper-Pearson", p, exact)
                        .line("Wilson", p, wilson)
                        .line("p̂ ± 1.96·s", p, normal)
                        .line("wanted", new double[] {p[0], p[p.length - 1]}, new double[] {0.95, 0.95}));

        // By simulation, for a score without a formula: the root mean square of 60 errors that are far from normal.
        Random random = new Random(4);
        double truth = Math.sqrt(2); // of an exponential distribution with mean 1
        int held = 0;
        int runs = 1000;
        for (int run = 0; run < runs; run++) {
            double[] errors = random.doubles(60).map(u -> -Math.log1p(-u)).toArray();
            Interval interval = Intervals.bca(
                    60,
                    i -> Math.sqrt(Arrays.stream(i)
                                    .mapToDouble(k -> errors[k] * errors[k])
                                    .sum()
                            / i.length),
                    1000,
                    0.95,
                    run);
            held += interval.contains(truth) ? 1 : 0;
        }
        // 60 skewed errors tell little of their tail, so that it falls some points short of 0.95
        report.figure(
                "bca_coverage",
                "coverage of the BCa interval of an RMSE, simulated",
                (double) held / runs,
                Reference.near(0.92, 0.04));
    }

    // Leakage

    private static void leaks(Report report) {
        Table table = new Csv().header(false).read(report.data(Tables.TUMOURS).resolve("wdbc.data"));
        int n = table.rows();
        Split split = Splits.holdout(n, 0.3, 5);
        double[] x = table.without("column1").tensor(DType.F64).toDoubleArray();
        Random random = new Random(6);
        int d = 30;
        for (int k = 0; k < 20; k++) { // twelve copies, and eight with noise in every measure
            int from = split.train()[k] * d;
            int to = split.test()[k] * d;
            System.arraycopy(x, from, x, to, d);
            for (int j = 0; k >= 12 && j < d; j++) {
                x[to + j] *= 1 + 1e-4 * random.nextGaussian();
            }
        }
        Tensor planted = Tensor.of(x, n, d);
        int[] groups = IntStream.range(0, n).toArray();
        groups[split.test()[0]] = groups[split.train()[0]];
        Leakage found = Leakage.of(split)
                .duplicates(planted)
                .nearDuplicates(planted, 0.01)
                .groups(groups);
        report.say("%s", found);
        report.figure(
                "planted_found",
                "planted leaks found, of 12 + 8 + 1",
                found.findings().size(),
                Reference.exactly(21));
    }

    /** Fifty examples with coin flips for labels: 20 of 2000 random features, chosen on all rows or on training rows, and the nearest class mean. */
    private static void featuresChosenTooEarly(Report report) {
        Random random = new Random(7);
        int n = 50;
        int d = 2000;
        double[][] x = IntStream.range(0, n)
                .mapToObj(i -> random.doubles(d).map(u -> u - 0.5).toArray())
                .toArray(double[][]::new);
        int[] y = IntStream.range(0, n).map(i -> i % 2).toArray();
        List<Split> folds = Splits.stratifiedKFold(y, 10, 8);
        int[] everything = IntStream.range(0, n).toArray();
        int[] early = mostCorrelated(x, y, everything);
        double leaky = Scores.of(folds, f -> nearestMean(x, y, f, early)).mean();
        double honest = Scores.of(folds, f -> nearestMean(x, y, f, mostCorrelated(x, y, f.train())))
                .mean();
        report.figure(
                "leaky", "coin flips predicted, features chosen before the split", leaky, Reference.atLeast(0.85));
        report.figure("honest", "coin flips predicted, features chosen in each fold", honest, Reference.near(0.5, 0.2));
    }

    /** The 20 features whose class means differ most on some rows. */
    private static int[] mostCorrelated(double[][] x, int[] y, int[] rows) {
        double[] difference = new double[x[0].length];
        for (int i : rows) {
            for (int j = 0; j < difference.length; j++) {
                difference[j] += (2 * y[i] - 1) * x[i][j];
            }
        }
        return IntStream.range(0, difference.length)
                .boxed()
                .sorted(Comparator.comparingDouble(j -> -Math.abs(difference[j])))
                .limit(20)
                .mapToInt(j -> j)
                .toArray();
    }

    private static double nearestMean(double[][] x, int[] y, Split f, int[] features) {
        double[][] means = new double[2][features.length];
        int[] counts = new int[2];
        for (int i : f.train()) {
            counts[y[i]]++;
            for (int k = 0; k < features.length; k++) {
                means[y[i]][k] += x[i][features[k]];
            }
        }
        int right = 0;
        for (int i : f.test()) {
            double[] distance = new double[2];
            for (int c = 0; c < 2; c++) {
                for (int k = 0; k < features.length; k++) {
                    distance[c] += Math.pow(x[i][features[k]] - means[c][k] / counts[c], 2);
                }
            }
            right += (distance[1] < distance[0] ? 1 : 0) == y[i] ? 1 : 0;
        }
        return (double) right / f.test().length;
    }

    // The future

    /** Tomorrow's temperature from the last 15 days by least squares, over the last three years in stretches of 73 days. */
    private static void temperatures(Report report) {
        List<Field> fields = List.of(Field.date("Date"), Field.number("Temp"));
        Table table =
                new Csv().fields(fields).read(report.data(Tables.TEMPERATURES).resolve("daily-min-temperatures.csv"));
        Tensor t = table.tensor(DType.F64, "Temp").squeeze(1);
        int lags = 15;
        Tensor windows = t.unfold(0, lags + 1, 1); // [days, 16]: 15 days, and the one after them
        int n = windows.dim(0);
        Tensor past = Tensor.concat(1, windows.slice(1, 0, lags), Tensor.ones(DType.F64, n, 1))
                .realized();
        Tensor next = windows.select(1, lags).realized();
        List<Split> walk = Splits.walkForward(n, 15, 73, 0);
        double[] days = table.tensor(DType.F64, "Date")
                .squeeze(1)
                .slice(0, lags, lags + n)
                .toDoubleArray();
        walk.forEach(s -> Leakage.of(s).timeOrder(days).refuse());
        List<Double> naive = new ArrayList<>();
        Scores model = Scores.of(walk, s -> {
            Tensor train = Tensor.of(s.train());
            Tensor test = Tensor.of(s.test());
            Tensor w = Linalg.lstsq(past.take(0, train), next.take(0, train));
            naive.add(Metrics.rmse(past.take(0, test).select(1, lags - 1), next.take(0, test)));
            return Metrics.rmse(past.take(0, test).matmul(w), next.take(0, test));
        });
        double persistence = naive.stream().mapToDouble(v -> v).average().orElseThrow();
        report.say("temperatures: RMSE %s °C walking forward; %.4f by yesterday's value", model, persistence);
        report.figure(
                "forecast",
                "RMSE of the autoregression / of yesterday's value",
                model.mean() / persistence,
                Reference.atMost(0.95));
        report.figure(
                "shuffled_refused",
                "test days of a random split that are not after its training",
                Leakage.of(Splits.holdout(n, 0.3, 9)).timeOrder(days).findings().size(),
                Reference.atLeast(1000));
        report.picture(
                "walk-forward",
                Plot.of(
                                "Minimum temperatures: each stretch after training on all before it",
                                "stretch of 73 days",
                                "RMSE, °C")
                        .line("autoregression, 15 days", model.values())
                        .line(
                                "yesterday's value",
                                naive.stream().mapToDouble(v -> v).toArray()));
    }
}
