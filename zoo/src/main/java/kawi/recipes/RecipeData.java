package kawi.recipes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import kawi.base.DType;
import kawi.data.DataException;
import kawi.data.DataSource;
import kawi.data.DataSource.RemoteFile;
import kawi.data.GreyImages;
import kawi.data.Mnist;
import kawi.tensor.Tensor;

/** The data sets of several rows, as matrices. */
final class RecipeData {
    static final DataSource SVMGUIDE = new DataSource(
            "libsvm",
            List.of(
                    new RemoteFile("svmguide1", "2b9ab55b6236f62cee6b7739b52f9e7cb033771f39b9c22c1f1790d80ef14d7f"),
                    new RemoteFile("svmguide1.t", "f9c2fd4c725172aeb4476fc1e2327d537f7fbc2f53f49dfd073f80efbe1ba8f7")),
            List.of(URI.create("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/")));
    private static final DataSource OPTDIGITS = new DataSource(
            "uci",
            List.of(
                    new RemoteFile("optdigits.tra", "e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd"),
                    new RemoteFile(
                            "optdigits.tes", "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8")),
            List.of(URI.create("https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/")));
    private static final DataSource DIABETES = new DataSource(
            "uci",
            List.of(new RemoteFile(
                    "diabetes.tab.txt", "443e54b1d7bc9196011374332414d3343219962b9a0bc05a788958407b65e54b")),
            List.of(URI.create("https://www4.stat.ncsu.edu/~boos/var.select/")));
    private static final DataSource MOVIELENS = new DataSource(
            "ml-100k",
            List.of(new RemoteFile(
                    "ml-100k.tar.gz", "28b73323b1d0cbc094575b13060a5ef8a837168a22936e9c9ba99524c7112eaf")),
            List.of(URI.create("https://files.grouplens.org/datasets/movielens/")));

    private RecipeData() {}

    /** Features {@code [n, features]} and targets or classes {@code [n]}, {@code F32}. */
    record Examples(Tensor x, Tensor y) {
        int size() {
            return x.dim(0);
        }

        /** Examples {@code from} to {@code to − 1}. */
        Examples range(int from, int to) {
            return new Examples(
                    x.slice(0, from, to).realized(), y.slice(0, from, to).realized());
        }
    }

    /** To learn from, and to test on. */
    record TrainAndTest(Examples train, Examples test) {}

    /** Optdigits: digits as 8 × 8 counts of 0 to 16 ink points; 3,823 and 1,797. */
    static TrainAndTest optdigits(Report report) {
        Path folder = report.data(OPTDIGITS);
        return new TrainAndTest(
                lastIsTarget(folder.resolve("optdigits.tra"), ",", 0),
                lastIsTarget(folder.resolve("optdigits.tes"), ",", 0));
    }

    /** Diabetes: ten measurements of 442 patients, and how far the disease had gone a year later (Efron et al. 2004). */
    static Examples diabetes(Report report) {
        return lastIsTarget(report.data(DIABETES).resolve("diabetes.tab.txt"), "\t", 1);
    }

    /** MNIST with grey values from 0 to 1; 60,000 and 10,000. */
    static TrainAndTest mnist(Report report) {
        Path folder = report.data(Mnist.SOURCE);
        return new TrainAndTest(flat(Mnist.train(folder)), flat(Mnist.test(folder)));
    }

    private static Examples flat(GreyImages images) {
        byte[] pixels = images.pixels();
        float[] x = new float[pixels.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (pixels[i] & 0xff) / 255f;
        }
        float[] y = new float[images.count()];
        for (int i = 0; i < y.length; i++) {
            y[i] = images.labels()[i];
        }
        return new Examples(Tensor.of(x, y.length, x.length / y.length), Tensor.of(y));
    }

    private static Examples lastIsTarget(Path file, String separator, int headerLines) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new DataException(file + " cannot be read: " + e.getMessage(), e);
        }
        double[][] rows =
                numbers(file.toString(), lines.subList(Math.min(headerLines, lines.size()), lines.size()), separator);
        Tensor all = Tensor.of(rows).to(DType.F32).realized();
        int features = all.dim(1) - 1;
        return new Examples(
                all.slice(1, 0, features).realized(), all.select(1, features).realized());
    }

    private static double[][] numbers(String name, List<String> lines, String separator) {
        double[][] rows = new double[lines.size()][];
        for (int i = 0; i < rows.length; i++) {
            try {
                rows[i] = Stream.of(lines.get(i).split(separator))
                        .mapToDouble(word -> Double.parseDouble(word.strip()))
                        .toArray();
            } catch (NumberFormatException e) {
                throw new DataException("%s: numbers were expected, found: %s".formatted(name, lines.get(i)), e);
            }
            if (rows[i].length != rows[0].length) {
                throw new DataException("%s: a row of %d numbers was expected as in the first, found: %s"
                        .formatted(name, rows[0].length, lines.get(i)));
            }
        }
        if (rows.length == 0) {
            throw new DataException(name + " holds no rows");
        }
        return rows;
    }

    /** Ratings from 1 to 5 of films by users, both as numbers from 0, {@code [n]} each. */
    record Ratings(Tensor user, Tensor film, Tensor rating) {
        /** Those with such numbers. */
        Ratings take(int[] some) {
            Tensor at = Tensor.of(some);
            return new Ratings(
                    user.take(0, at).realized(),
                    film.take(0, at).realized(),
                    rating.take(0, at).realized());
        }
    }

    /** The first of MovieLens-100k's five splits: 80,000 ratings to learn from and 20,000 to test on, of 943 users and 1,682 films. */
    static List<Ratings> movielens(Report report) {
        Path file = report.data(MOVIELENS).resolve("ml-100k.tar.gz");
        List<Ratings> parts = new ArrayList<>();
        for (String name : List.of("ml-100k/u1.base", "ml-100k/u1.test")) {
            String text = new String(fromTar(file, name), StandardCharsets.ISO_8859_1);
            double[][] rows = numbers(file + ", " + name, text.lines().toList(), "\t"); // user, film, rating, time
            parts.add(new Ratings(
                    Tensor.of(Stream.of(rows).mapToLong(r -> (long) r[0] - 1).toArray()),
                    Tensor.of(Stream.of(rows).mapToLong(r -> (long) r[1] - 1).toArray()),
                    Tensor.of(Stream.of(rows).mapToDouble(r -> r[2]).toArray()).to(DType.F32)));
        }
        return parts;
    }

    /** One file of a gzipped tar: blocks of 512 bytes, a header (name from byte 0, size in octal from 124) before each file (POSIX ustar). */
    private static byte[] fromTar(Path archive, String name) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
            for (byte[] header = in.readNBytes(512);
                    header.length == 512 && header[0] != 0;
                    header = in.readNBytes(512)) {
                String found = new String(header, 0, 100, StandardCharsets.ISO_8859_1).split("\0", 2)[0];
                int size = Integer.parseInt(
                        new String(header, 124, 12, StandardCharsets.ISO_8859_1).split("\0", 2)[0].strip(), 8);
                if (found.equals(name)) {
                    return in.readNBytes(size);
                }
                in.skipNBytes((size + 511L) / 512 * 512);
            }
        } catch (IOException | NumberFormatException e) {
            throw new DataException(archive + " cannot be unpacked: " + e.getMessage(), e);
        }
        throw new DataException("%s holds no %s".formatted(archive, name));
    }

    /** The share of equal elements. */
    static double accuracy(Tensor predicted, Tensor labels) {
        return predicted.eq(labels).to(DType.F32).mean().item();
    }

    /** √mean (predicted − y)². */
    static double rmse(Tensor predicted, Tensor y) {
        return Math.sqrt(predicted.sub(y).square().mean().item());
    }
}
