package kawi.recipes;

import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.DoubleStream;
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
    /** Points of a curve beyond which its places are no longer labelled one by one. */
    private static final int MANY = 20;

    private static final String MARKS = "*o+x#@%&";

    /** Colours that people who see no red or no green tell apart too (Okabe and Ito 2008). */
    private static final Color[] COLOURS = {
        new Color(0x0072B2), new Color(0xD55E00), new Color(0x009E73), new Color(0xCC79A7),
        new Color(0xE69F00), new Color(0x56B4E9), new Color(0x000000), new Color(0x8A6D3B),
        new Color(0x6A3D9A), new Color(0x999999)
    };

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
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream memory = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image(), "png", memory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The picture, 720 × 480 pixels: what a notebook shows when it is the last value of a cell. */
    public BufferedImage image() {
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
                .setPlotGridLinesColor(new Color(0xE4E4E4))
                .setPlotGridHorizontalLinesVisible(!logY || decades(Curve::y) <= 8) // nine a decade: a grey field
                .setSeriesColors(COLOURS)
                .setChartBackgroundColor(Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setLegendBorderColor(Color.WHITE)
                .setPlotBorderVisible(false);
        // An axis that crosses one power of ten or none needs labels between them.
        chart.getStyler()
                .setXAxisLogarithmicDecadeOnly(decades(Curve::x) >= 2)
                .setXAxisLabelRotation(logX && decades(Curve::x) < 2 ? 45 : 0) // 800, 900 and 1000 are close together
                .setYAxisLogarithmicDecadeOnly(decades(Curve::y) >= 2);
        if (!logY) {
            chart.getStyler().setYAxisTickLabelsFormattingFunction(Plot::tick);
        }
        if (!logX) {
            chart.getStyler().setXAxisTickLabelsFormattingFunction(Plot::tick);
            spreadX(chart);
        }
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
        return BitmapEncoder.getBufferedImage(chart);
    }

    /** Where places are equally far apart the chart labels every so many of them, 1, 13, 25, …; a margin makes it choose round numbers. */
    private void spreadX(XYChart chart) {
        double low = all(Curve::x).min().orElse(0);
        double high = all(Curve::x).max().orElse(0);
        if (high > low && curves.stream().anyMatch(c -> c.x.length > MANY)) {
            double margin = 0.004 * (high - low);
            chart.getStyler().setXAxisMin(low - margin).setXAxisMax(high + margin);
        }
    }

    /** How many powers of ten lie among positive values. */
    private int decades(Function<Curve, double[]> part) {
        double low = all(part).min().orElse(1);
        double high = all(part).max().orElse(1);
        return low > 0 ? (int) (Math.floor(Math.log10(high)) - Math.ceil(Math.log10(low))) + 1 : 0;
    }

    private DoubleStream all(Function<Curve, double[]> part) {
        return curves.stream().flatMapToDouble(c -> DoubleStream.of(part.apply(c)));
    }

    /** A number beside an axis: 0.05, 300, 2.5e+07. */
    private static String tick(double v) {
        double size = Math.abs(v);
        return size == 0 || size >= 1e-4 && size < 1e6
                ? new BigDecimal(v, new MathContext(6)).stripTrailingZeros().toPlainString()
                : number(v);
    }

    /** The curves in characters, for a terminal. */
    @Override
    public String toString() {
        double[] xs = all(Curve::x).toArray();
        double[] ys = all(Curve::y).toArray();
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
