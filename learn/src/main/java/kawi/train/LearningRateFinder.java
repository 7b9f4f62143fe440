package kawi.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import kawi.base.KawiException;
import kawi.nn.Module;
import kawi.optim.Optimizer;
import kawi.optim.Schedule;
import kawi.tensor.Parameter;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The learning-rate range test (Smith 2017, section 3.3): a short training whose rate grows from step to step, by a constant factor here,
 * until the loss blows up. A good rate lies where the loss falls steepest. Afterwards the model is what it was before.
 *
 * <pre>{@code
 * var found = LearningRateFinder.test(model, p -> new Adam(p, 1), () -> loss(batches.next()), 1e-6, 1, 200);
 * found.picture(Path.of("rates.png"));
 * var optimizer = new Adam(model.parameters(), found.steepest());
 * }</pre>
 *
 * @param rates the rate of each step taken
 * @param losses the loss before each step, as it was
 * @param smoothed the exponential average of the losses with β = 0.9 and corrected for its start
 */
public record LearningRateFinder(List<Double> rates, List<Double> losses, List<Double> smoothed) {
    private static final double BETA = 0.9;
    /** The test ends where the smoothed loss is so many times the smallest. */
    private static final double BLOWN_UP = 4;

    /**
     * Does the test.
     *
     * @param method makes an optimiser of the model's parameters, whose rate is then replaced
     * @param loss the loss of the next batch, recorded anew at each call
     * @param steps at most so many, from rate {@code low} to rate {@code high}
     */
    public static LearningRateFinder test(
            Module model,
            Function<List<Parameter>, Optimizer> method,
            Supplier<Tensor> loss,
            double low,
            double high,
            int steps) {
        if (!(low > 0 && low < high && high < Double.POSITIVE_INFINITY) || steps < 2) {
            throw new KawiException(
                    "LearningRateFinder: rates from above 0 to a larger one and at least 2 steps are needed, but %s, %s and %d were given"
                            .formatted(low, high, steps));
        }
        Map<Variable, Tensor> before = new LinkedHashMap<>();
        model.state().values().forEach(v -> before.put(v, copy(v)));
        double factor = Math.pow(high / low, 1.0 / (steps - 1));
        Optimizer optimizer = method.apply(model.parameters()).schedule(Schedule.exponential(low, factor));
        LearningRateFinder found = new LearningRateFinder(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try {
            double average = 0;
            double best = Double.POSITIVE_INFINITY;
            for (int k = 0; k < steps; k++) {
                double rate = optimizer.learningRate();
                Tensor l = loss.get();
                boolean finite = optimizer.step(l, new Tensor[0]);
                if (!finite) {
                    break;
                }
                average = BETA * average + (1 - BETA) * l.item();
                double smooth = average / (1 - Math.pow(BETA, k + 1));
                found.rates.add(rate);
                found.losses.add(l.item());
                found.smoothed.add(smooth);
                best = Math.min(best, smooth);
                if (smooth > best + (BLOWN_UP - 1) * Math.abs(best)) {
                    break;
                }
            }
        } finally {
            before.forEach(Variable::assign);
        }
        return new LearningRateFinder(List.copyOf(found.rates), List.copyOf(found.losses), List.copyOf(found.smoothed));
    }

    /**
     * The rate at which the smoothed loss falls most for a factor of the rate, before it is smallest.
     *
     * @throws KawiException if the loss never fell
     */
    public double steepest() {
        int end = 0;
        for (int k = 1; k < smoothed.size(); k++) {
            end = smoothed.get(k) < smoothed.get(end) ? k : end;
        }
        int at = -1;
        double most = 0;
        for (int k = 1; k < Math.min(end + 1, smoothed.size() - 1); k++) {
            double fall = smoothed.get(k - 1) - smoothed.get(k + 1);
            if (fall > most) {
                most = fall;
                at = k;
            }
        }
        if (at < 0) {
            throw new KawiException(
                    "LearningRateFinder: the loss did not fall in %d steps; start from a smaller rate, or look at the loss itself"
                            .formatted(rates.size()));
        }
        return rates.get(at);
    }

    /** Writes the losses over the rates as PNG, whole or not at all. */
    public void picture(Path file) {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder()
                .width(720)
                .height(480)
                .title("Learning-rate range test")
                .xAxisTitle("learning rate")
                .yAxisTitle("loss")
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setChartBackgroundColor(java.awt.Color.WHITE)
                .setLegendBorderColor(java.awt.Color.WHITE)
                .setPlotBorderVisible(false);
        if (!rates.isEmpty()) {
            chart.addSeries("loss", rates, losses).setMarker(SeriesMarkers.NONE);
            chart.addSeries("smoothed", rates, smoothed).setMarker(SeriesMarkers.NONE);
        }
        Curves.png(file, BitmapEncoder.getBufferedImage(chart));
    }

    private static Tensor copy(Tensor t) {
        return Tensor.of(t.segment(), t.dtype(), t.shape().dims());
    }
}
