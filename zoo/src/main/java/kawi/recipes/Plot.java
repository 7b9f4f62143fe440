package kawi.recipes;

import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import kawi.tensor.Tensor;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves over one axis, as a picture ({@link #png}) and as text ({@link #toString}).
 *
 * <pre>
 *   Plot.of("loss", "step", "cross-entropy").line("training", losses)
 * </pre>
 *
 * Points that are not finite, or not above 0 on a logarithmic axis, are left out.
 */
public final class Plot {
    private static final int COLUMNS = 64;
    private static final int ROWS = 16;
    private static final String MARKS = "*o+x#@%&";

    private record Curve(String name, double[] x, double[] y, boolean joined) {}

    private final String title;
    private final String xAxis;
    private final String yAxis;
    private final List<Curve> curves = new ArrayList<>();
    private boolean logX;
    private boolean logY;

    private Plot(String title, String xAxis, String yAxis) {
        this.title = title;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
    }

    /** A plot without curves, with what its axes count. */
    public static Plot of(String title, String xAxis, String yAxis) {
        return new Plot(title, xAxis, yAxis);
    }

    /** Counts the horizontal axis in powers of ten. Returns this. */
    public Plot logX() {
        logX = true;
        return this;
    }

    /** Counts the vertical axis in powers of ten. Returns this. */
    public Plot logY() {
        logY = true;
        return this;
    }

    /** Adds a curve through the points (xᵢ, yᵢ). Returns this. */
    public Plot line(String name, double[] x, double[] y) {
        return curve(name, x, y, true);
    }

    /** Adds the points (xᵢ, yᵢ), which no line joins. Returns this. */
    public Plot points(String name, double[] x, double[] y) {
        return curve(name, x, y, false);
    }

    private Plot curve(String name, double[] x, double[] y, boolean joined) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "the curve \"%s\" has %d places but %d values".formatted(name, x.length, y.length));
        }
        DoublePredicate onX = logX ? v -> v > 0 && Double.isFinite(v) : Double::isFinite;
        DoublePredicate onY = logY ? v -> v > 0 && Double.isFinite(v) : Double::isFinite;
        int[] kept = IntStream.range(0, x.length)
                .filter(i -> onX.test(x[i]) && onY.test(y[i]))
                .toArray();
        curves.add(new Curve(
                name,
                IntStream.of(kept).mapToDouble(i -> x[i]).toArray(),
                IntStream.of(kept).mapToDouble(i -> y[i]).toArray(),
                joined));
        return this;
    }

    /** Adds a curve of values at 1, 2, 3, …. Returns this. */
    public Plot line(String name, double[] y) {
        return line(name, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
    }

    /** Adds a curve through the points of two tensors of as many elements. Returns this. */
    public Plot line(String name, Tensor x, Tensor y) {
        return line(name, x.toDoubleArray(), y.toDoubleArray());
    }

    /** The picture as the bytes of a PNG file. */
    public byte[] png() {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder()
                .width(720)
                .height(480)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(logX)
                .setYAxisLogarithmic(logY)
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10))
                .setChartBackgroundColor(Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setLegendBorderColor(Color.WHITE)
                .setPlotBorderVisible(false);
        for (Curve c : curves) {
            if (c.x.length > 0) {
                XYSeries series = chart.addSeries(c.name, c.x, c.y);
                if (c.joined) {
                    series.setMarker(c.x.length > 40 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
                } else {
                    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter)
                            .setMarker(SeriesMarkers.CIRCLE);
                }
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream memory = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", memory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The curves in characters, for a terminal. */
    @Override
    public String toString() {
        double[] xs = curves.stream()
                .flatMapToDouble(c -> java.util.Arrays.stream(c.x))
                .toArray();
        double[] ys = curves.stream()
                .flatMapToDouble(c -> java.util.Arrays.stream(c.y))
                .toArray();
        if (xs.length == 0) {
            return title + ": no points";
        }
        Scale across = Scale.of(xs, logX, COLUMNS);
        Scale up = Scale.of(ys, logY, ROWS);
        char[][] field = new char[ROWS][COLUMNS];
        for (char[] row : field) {
            java.util.Arrays.fill(row, ' ');
        }
        for (int k = curves.size() - 1; k >= 0; k--) { // the first curve lies on top
            Curve c = curves.get(k);
            for (int i = 0; i < c.x.length; i++) {
                field[ROWS - 1 - up.cell(c.y[i])][across.cell(c.x[i])] = MARKS.charAt(k % MARKS.length());
            }
        }
        StringBuilder s = new StringBuilder(title).append('\n');
        for (int r = 0; r < ROWS; r++) {
            String label = r == 0 ? number(up.high) : r == ROWS - 1 ? number(up.low) : "";
            s.append("%10s |%s%n".formatted(label, new String(field[r]).stripTrailing()));
        }
        s.append(" ".repeat(11)).append('+').append("-".repeat(COLUMNS)).append('\n');
        String left = number(across.low);
        String right = number(across.high);
        s.append(" ".repeat(12)).append(left);
        s.append(" ".repeat(Math.max(1, COLUMNS - left.length() - right.length())))
                .append(right)
                .append('\n');
        s.append("%12s%s".formatted("", "%s; %s over %s%s".formatted(legend(), yAxis, xAxis, scales())));
        return s.toString();
    }

    private String legend() {
        return String.join(
                ", ",
                IntStream.range(0, curves.size())
                        .mapToObj(k -> MARKS.charAt(k % MARKS.length()) + " " + curves.get(k).name)
                        .toList());
    }

    private String scales() {
        return logX && logY ? ", both logarithmic" : logX ? ", horizontally logarithmic" : logY ? ", logarithmic" : "";
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.4g", v);
    }

    /** Places values along an axis of so many cells. */
    private record Scale(double low, double high, DoubleUnaryOperator of, int cells) {
        static Scale of(double[] values, boolean log, int cells) {
            double low = java.util.Arrays.stream(values).min().orElse(0);
            double high = java.util.Arrays.stream(values).max().orElse(0);
            return new Scale(low, high, log ? Math::log : DoubleUnaryOperator.identity(), cells);
        }

        int cell(double v) {
            double from = of.applyAsDouble(low);
            double span = of.applyAsDouble(high) - from;
            return span > 0 ? (int) Math.round((of.applyAsDouble(v) - from) / span * (cells - 1)) : 0;
        }
    }
}
