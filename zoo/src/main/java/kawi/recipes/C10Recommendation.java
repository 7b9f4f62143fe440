package kawi.recipes;

import static kawi.recipes.RecipeData.rmse;

import java.util.List;
import java.util.Objects;
import kawi.classic.MatrixFactorization;
import kawi.classic.MatrixFactorization.Options;
import kawi.evaluate.Split;
import kawi.evaluate.Splits;
import kawi.nn.Embedding;
import kawi.nn.Initializer;
import kawi.nn.Losses;
import kawi.nn.Module;
import kawi.optim.Adam;
import kawi.optim.Schedule;
import kawi.recipes.RecipeData.Ratings;
import kawi.tensor.Kawi;
import kawi.tensor.Key;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;

/**
 * What a user will think of a film: MovieLens-100k, the first of its five splits. From the mean rating to biases of users and films, to factors of their
 * tastes (Koren, Bell and Volinsky 2009), to what the choice of films alone tells (SVD++, Koren 2008). Last the same model as a network of embeddings.
 */
final class C10Recommendation implements Demonstration {
    private static final int USERS = 943;
    private static final int FILMS = 1682;

    @Override
    public String id() {
        return "C10";
    }

    @Override
    public String sentence() {
        return "recommendation on MovieLens-100k by matrix factorisation with biases and implicit taste, and by embeddings";
    }

    @Override
    public void run(Report report) {
        List<Ratings> parts = RecipeData.movielens(report);
        Ratings train = parts.get(0);
        Ratings test = parts.get(1);
        double mean = train.rating().mean().item();
        report.say(
                "always the mean, %.3f: RMSE %.4f",
                mean, rmse(test.rating().mul(0).add(mean), test.rating()));

        report.say(
                "biases alone: RMSE %.4f", factorization(train, test, new Options(0, 20, 0.01, 0.95, 0.05, 0, false)));
        report.figure(
                "factorization_rmse",
                "matrix factorisation with biases: RMSE on the test ratings",
                chosen(report, "factors", train, test, 40, 0.97, false),
                Reference.atMost(0.96));
        report.figure(
                "implicit_rmse",
                "the same with implicit taste (SVD++)",
                chosen(report, "factors and implicit taste", train, test, 30, 0.95, true),
                Reference.atMost(0.94));
        embeddings(report, train, test);
    }

    /** The factors' penalty that does best on a tenth of the training ratings; then all of these teach, and the test is looked at once. */
    private static double chosen(
            Report report, String what, Ratings train, Ratings test, int epochs, double decay, boolean implicit) {
        Split tenth = Splits.kFold(train.rating().dim(0), 10, 0).getFirst();
        Options best = null;
        double least = Double.POSITIVE_INFINITY;
        for (double penalty : new double[] {0.02, 0.05, 0.1}) {
            Options options = new Options(20, epochs, 0.01, decay, 0.05, penalty, implicit);
            double rmse = factorization(train.take(tenth.train()), train.take(tenth.test()), options);
            report.say("%s, penalty %.2f: RMSE %.4f on a tenth held back", what, penalty, rmse);
            if (rmse < least) {
                least = rmse;
                best = options;
            }
        }
        return factorization(train, test, Objects.requireNonNull(best));
    }

    private static double factorization(Ratings train, Ratings test, Options options) {
        MatrixFactorization model =
                MatrixFactorization.fit(USERS, FILMS, train.user(), train.film(), train.rating(), options, Key.of(0));
        return rmse(model.predict(test.user(), test.film()), test.rating());
    }

    /** r̂ = μ + b_u + b_f + ⟨p_u, q_f⟩. */
    private static final class Taste extends Module {
        final Embedding user = small(USERS, 20);
        final Embedding film = small(FILMS, 20);
        final Embedding userBias = small(USERS, 1);
        final Embedding filmBias = small(FILMS, 1);
        final Parameter mean = new Parameter(Tensor.scalar(3.5));

        private static Embedding small(int symbols, int dimension) {
            Embedding e = new Embedding(symbols, dimension);
            e.weight.assign(Initializer.normal(0.05).of(symbols, dimension));
            return e;
        }

        Tensor forward(Tensor u, Tensor f) {
            return user.forward(u)
                    .mul(film.forward(f))
                    .sum(1)
                    .add(userBias.forward(u).squeeze(1))
                    .add(filmBias.forward(f).squeeze(1))
                    .add(mean);
        }

        /** ‖p_u‖² + ‖q_f‖², a mean over the batch. */
        Tensor squares(Tensor u, Tensor f) {
            return user.forward(u).square().add(film.forward(f).square()).sum(1).mean();
        }
    }

    private static void embeddings(Report report, Ratings train, Ratings test) {
        Split tenth = Splits.kFold(train.rating().dim(0), 10, 0).getFirst();
        double best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (double penalty : new double[] {0.05, 0.1, 0.2}) {
            double rmse = last(learnt(train.take(tenth.train()), train.take(tenth.test()), penalty)[1]);
            report.say("embeddings, penalty %.2f: RMSE %.4f on a tenth held back", penalty, rmse);
            best = rmse < least ? penalty : best;
            least = Math.min(least, rmse);
        }
        double[][] curves = learnt(train, test, best);
        report.figure(
                "embedding_rmse",
                "embeddings trained by Adam: RMSE on the test ratings",
                last(curves[1]),
                Reference.atMost(0.96));
        report.picture(
                "embeddings",
                Plot.of("Embeddings of users and films, MovieLens-100k u1", "epoch", "RMSE")
                        .line("training", curves[0])
                        .line("test", curves[1]));
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }

    /** The RMSE on training and on other ratings after each epoch. */
    private static double[][] learnt(Ratings train, Ratings others, double penalty) {
        Kawi.seed(0);
        int n = train.rating().dim(0);
        int batch = 2000;
        int epochs = 20;
        Taste model = new Taste();
        Adam optimizer = new Adam(model.parameters(), 5e-3);
        optimizer.schedule(Schedule.cosine(5e-3, 0, (long) epochs * n / batch));
        double[][] curves = new double[2][epochs];
        for (int epoch = 0; epoch < epochs; epoch++) {
            Tensor order = Key.of(epoch).permutation(n);
            double sum = 0;
            for (int from = 0; from < n; from += batch) {
                Tensor some = order.slice(0, from, Math.min(n, from + batch));
                Tensor u = train.user().take(0, some);
                Tensor f = train.film().take(0, some);
                Tensor loss = Losses.mse(model.forward(u, f), train.rating().take(0, some));
                optimizer.step(loss.add(model.squares(u, f).mul(penalty)), loss);
                sum += loss.item() * some.dim(0);
            }
            curves[0][epoch] = Math.sqrt(sum / n);
            curves[1][epoch] = rmse(model.forward(others.user(), others.film()), others.rating());
        }
        return curves;
    }
}
