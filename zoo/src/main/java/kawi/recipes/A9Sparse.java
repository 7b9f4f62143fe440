package kawi.recipes;

import static kawi.recipes.Closeness.relativeError;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import kawi.base.DType;
import kawi.data.DataException;
import kawi.data.DataSource;
import kawi.data.DataSource.RemoteFile;
import kawi.optim.Adam;
import kawi.sparse.LibSvm;
import kawi.sparse.SparseMatrix;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * Sparse matrices on real data. Logistic regression, f(w) = 1/n Σ ln(1 + exp(−yᵢ·(xᵢᵀw + b))), on two sets whose rows are nearly empty:
 * a9a (census records as 123 yes-or-no features, 14 of them in a row) and the words of film reviews (SST-2; which of the vocabulary's
 * words are in the sentence). Products and gradients are held against loops over the arrays of the compressed rows.
 */
final class A9Sparse implements Demonstration {
    static final DataSource A9A = new DataSource(
            "libsvm",
            List.of(
                    new RemoteFile("a9a", "7ba53cccb27e2e525f0fb173e1f446d49856e3fb007eb43be4ec6d0f5b3335ca"),
                    new RemoteFile("a9a.t", "1f448a153f0320399a7e40836eb207655b0bde0f21fc941cc472193daa9f5de9")),
            List.of(URI.create("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/")));
    private static final DataSource REVIEWS = new DataSource(
            "sst2",
            List.of(
                    new RemoteFile("train.tsv", "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920"),
                    new RemoteFile("dev.tsv", "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359"),
                    new RemoteFile("test.tsv", "831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7")),
            List.of(URI.create("https://github.com/clairett/pytorch-sentiment-classification/raw/master/data/SST2/")));

    @Override
    public String id() {
        return "A9";
    }

    @Override
    public String sentence() {
        return "sparse matrices: products, rows, gradients against loops; logistic regression on a9a and on the words of reviews";
    }

    @Override
    public void run(Report report) {
        Path census = report.data(A9A);
        Path reviews = report.data(REVIEWS);
        LibSvm.Data train = LibSvm.read(census.resolve("a9a"), 123);
        LibSvm.Data test = LibSvm.read(census.resolve("a9a.t"), 123);
        report.say(
                "a9a: %,d rows, %d columns, %,d entries (%.1f %%)",
                train.x().rows(),
                train.x().columns(),
                train.x().entries(),
                100.0 * train.x().entries() / train.x().rows() / train.x().columns());
        products(report, train);

        // 15 % of errors is where linear models end on a9a, by whatever solver (CURRICULUM C3).
        Fit onCensus = Fit.of(train, 0, 0.1, 120);
        report.figure(
                "a9a_accuracy", "a9a: accuracy on the test rows", onCensus.accuracy(test), Reference.atLeast(0.845));

        Words words = Words.of(reviews);
        report.say(
                "reviews: %,d rows, %,d words, %,d entries (%.2f %%)",
                words.train.x().rows(),
                words.train.x().columns(),
                words.train.x().entries(),
                100.0
                        * words.train.x().entries()
                        / words.train.x().rows()
                        / words.train.x().columns());
        Fit onWords = Stream.of(
                        3e-6, 1e-5, 3e-5) // how strongly large weights cost is chosen by the validation sentences
                .map(penalty -> Fit.of(words.train, penalty, 0.05, 120))
                .max(Comparator.comparingDouble(fit -> fit.accuracy(words.validation)))
                .orElseThrow();
        // A linear SVM on the same words: 79.4 % (Socher et al. 2013, Recursive deep models for semantic
        // compositionality over a sentiment
        // treebank, table 1), trained on the treebank's labelled phrases besides.
        report.figure(
                "reviews_accuracy",
                "reviews: accuracy on the test sentences",
                onWords.accuracy(words.test),
                Reference.atLeast(0.794));
        report.picture(
                "loss",
                Plot.of("Logistic regression on sparse rows", "step of Adam on all rows", "loss")
                        .line("a9a", onCensus.losses)
                        .line("reviews", onWords.losses));
    }

    // Against loops

    private static void products(Report report, LibSvm.Data data) {
        SparseMatrix x = data.x().withValues(data.x().values().to(DType.F64));
        double[] values = x.values().toDoubleArray();
        int[] pointers = x.pointers();
        int[] columns = x.indices();
        double[] y = data.y().toDoubleArray();
        double[] w = Key.of(1).normal(DType.F64, x.columns()).toDoubleArray();

        double[] xw = new double[x.rows()];
        Runnable loop = () -> {
            for (int i = 0; i < xw.length; i++) {
                double sum = 0;
                for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                    sum += values[e] * w[columns[e]];
                }
                xw[i] = sum;
            }
        };
        Tensor weights = Tensor.of(w).requiresGrad();
        double[] seconds = Timing.interleaved(
                60, 15, loop, () -> x.matmul(weights.detach()).realized());
        report.say("X·w: %.2f ms by a loop on one thread, %.2f ms by the library", 1e3 * seconds[0], 1e3 * seconds[1]);
        report.figure(
                "product_error",
                "X·w against a loop over the rows",
                relativeError(x.matmul(weights), Tensor.of(xw)),
                Reference.atMost(1e-13));
        report.figure(
                "csc_error",
                "the same by compressed columns",
                relativeError(x.toCsc().matmul(weights), Tensor.of(xw)),
                Reference.atMost(1e-13));

        // With rᵢ = −yᵢ·σ(−yᵢ·xᵢᵀw)/n: ∂f/∂wⱼ = Σᵢ rᵢ·xᵢⱼ, and by the entry e at (i, j) ∂f/∂xₑ = rᵢ·wⱼ.
        double[] byWeight = new double[w.length];
        double[] byValue = new double[values.length];
        for (int i = 0; i < xw.length; i++) {
            double r = -y[i] / (1 + Math.exp(y[i] * xw[i])) / xw.length;
            for (int e = pointers[i]; e < pointers[i + 1]; e++) {
                byWeight[columns[e]] += r * values[e];
                byValue[e] = r * w[columns[e]];
            }
        }
        Tensor entries = x.values().requiresGrad();
        Tensor loss = x.withValues(entries)
                .matmul(weights)
                .mul(Tensor.of(y))
                .neg()
                .softplus()
                .mean();
        List<Tensor> gradients = Kawi.grad(loss, List.of(weights, entries));
        report.figure(
                "weight_gradient_error",
                "gradient by the weights against a loop",
                relativeError(gradients.get(0), Tensor.of(byWeight)),
                Reference.atMost(1e-12));
        report.figure(
                "value_gradient_error",
                "gradient by the matrix's entries against a loop",
                relativeError(gradients.get(1), Tensor.of(byValue)),
                Reference.atMost(1e-12));

        // Rows, dense: row i − row j, and ⟨row i, row j⟩.
        int[] first = {0, 7, 3, 3};
        int[] second = {1, 7, 200, 0};
        Tensor dense = x.slice(0, 201).toDense();
        Tensor left = dense.take(0, Tensor.of(first));
        Tensor right = dense.take(0, Tensor.of(second));
        report.figure(
                "difference_error",
                "differences of rows against dense ones",
                relativeError(x.rowDifferences(first, second).toDense(), left.sub(right)),
                Reference.exactly(0));
        report.figure(
                "dot_error",
                "products of rows against dense ones",
                relativeError(x.rowDots(first, second), left.mul(right).sum(1)),
                Reference.atMost(1e-13));
    }

    // Learning

    /** Logistic regression by Adam on all rows at once, with λ‖w‖² added to the loss. */
    private record Fit(Parameter w, Parameter b, double[] losses) {
        static Fit of(LibSvm.Data data, double penalty, double learningRate, int steps) {
            Parameter w = new Parameter(Tensor.zeros(data.x().columns()));
            Parameter b = new Parameter(Tensor.zeros());
            Adam adam = new Adam(List.of(w, b), learningRate);
            double[] losses = new double[steps];
            for (int step = 0; step < steps; step++) {
                Tensor loss =
                        data.x().matmul(w).add(b).mul(data.y()).neg().softplus().mean();
                adam.step(loss.add(w.square().sum().mul(penalty)));
                losses[step] = loss.item();
            }
            return new Fit(w, b, losses);
        }

        /** The share of rows on the side of their label. */
        double accuracy(LibSvm.Data data) {
            Tensor margin = data.x().matmul(w).add(b).mul(data.y());
            return margin.gt(0).to(DType.F32).mean().item();
        }
    }

    /** Sentences as rows of a sparse matrix: 1/√n for each of its n words that the vocabulary has. */
    private record Words(LibSvm.Data train, LibSvm.Data validation, LibSvm.Data test) {
        static Words of(Path folder) {
            List<String> lines = lines(folder.resolve("train.tsv"));
            Map<String, Integer> vocabulary = vocabulary(lines);
            return new Words(
                    rows(lines, vocabulary),
                    rows(lines(folder.resolve("dev.tsv")), vocabulary),
                    rows(lines(folder.resolve("test.tsv")), vocabulary));
        }

        /** The words of at least two sentences, numbered in the order of their first use. */
        private static Map<String, Integer> vocabulary(List<String> lines) {
            Map<String, Integer> sentences = new HashMap<>();
            lines.forEach(l -> words(l).forEach(word -> sentences.merge(word, 1, Integer::sum)));
            Map<String, Integer> numbers = new HashMap<>();
            lines.forEach(l -> words(l).stream()
                    .filter(word -> sentences.getOrDefault(word, 0) >= 2)
                    .forEach(word -> numbers.putIfAbsent(word, numbers.size())));
            return numbers;
        }

        private static LibSvm.Data rows(List<String> lines, Map<String, Integer> vocabulary) {
            List<int[]> places = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                for (String word : words(lines.get(i))) {
                    Integer column = vocabulary.get(word);
                    if (column != null) {
                        places.add(new int[] {i, column});
                    }
                }
            }
            float[] ones = new float[places.size()];
            Arrays.fill(ones, 1);
            SparseMatrix x = SparseMatrix.coo(
                    lines.size(),
                    vocabulary.size(),
                    places.stream().mapToInt(p -> p[0]).toArray(),
                    places.stream().mapToInt(p -> p[1]).toArray(),
                    Tensor.of(ones));
            Tensor norms = x.rowNorms().clamp(1, Double.POSITIVE_INFINITY).unsqueeze(1); // an empty row stays empty
            float[] y = new float[lines.size()];
            for (int i = 0; i < y.length; i++) {
                y[i] = lines.get(i).endsWith("\t1") ? 1 : -1;
            }
            return new LibSvm.Data(x.mul(norms.reciprocal()), Tensor.of(y));
        }

        private static TreeSet<String> words(String line) {
            return new TreeSet<>(
                    Arrays.asList(line.substring(0, line.indexOf('\t')).split(" ")));
        }

        private static List<String> lines(Path file) {
            try {
                List<String> lines = Files.readAllLines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (!lines.get(i).matches(".*\t[01]")) {
                        throw new DataException("%s, line %d: a sentence, a tab and 0 or 1 were expected, found: %s"
                                .formatted(file, i + 1, lines.get(i)));
                    }
                }
                return lines;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
