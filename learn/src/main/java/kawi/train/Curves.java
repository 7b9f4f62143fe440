package kawi.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kawi.io.AtomicFiles;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The picture of a training: loss and accuracy by epoch, on training and validation examples. */
final class Curves {
    private Curves() {}

    /** Writes the picture as PNG, whole or not at all. */
    static void write(Path file, String title, List<EpochMetrics> history) {
        System.setProperty("java.awt.headless", "true");
        XYChart loss = chart(title + ": loss", "loss");
        add(loss, "training", history, EpochMetrics::trainLoss);
        add(loss, "validation", history, EpochMetrics::validationLoss);
        XYChart accuracy = chart(title + ": accuracy", "accuracy");
        add(accuracy, "training", history, EpochMetrics::trainAccuracy);
        add(accuracy, "validation", history, EpochMetrics::validationAccuracy);
        png(file, sideBySide(loss, accuracy));
    }

    /** Writes a picture as PNG, whole or not at all. */
    static void png(Path file, java.awt.image.BufferedImage picture) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // In memory: ImageIO's own cache is a temporary file with a shutdown hook, which fails after Ctrl-C.
        try (javax.imageio.stream.ImageOutputStream memory =
                new javax.imageio.stream.MemoryCacheImageOutputStream(bytes)) {
            javax.imageio.ImageIO.write(picture, "png", memory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        AtomicFiles.write(file, bytes.toByteArray());
    }

    static java.awt.image.BufferedImage sideBySide(Chart<?, ?> left, Chart<?, ?> right) {
        java.awt.image.BufferedImage a = BitmapEncoder.getBufferedImage(left);
        java.awt.image.BufferedImage b = BitmapEncoder.getBufferedImage(right);
        java.awt.image.BufferedImage both = new java.awt.image.BufferedImage(
                a.getWidth() + b.getWidth(),
                Math.max(a.getHeight(), b.getHeight()),
                java.awt.image.BufferedImage.TYPE_INT_RGB);
        java.awt.Graphics2D g = both.createGraphics();
        g.drawImage(a, 0, 0, null);
        g.drawImage(b, a.getWidth(), 0, null);
        g.dispose();
        return both;
    }

    private static XYChart chart(String title, String axis) {
        XYChart chart = new XYChartBuilder()
                .width(560)
                .height(400)
                .title(title)
                .xAxisTitle("epoch")
                .yAxisTitle(axis)
                .build();
        chart.getStyler()
                .setXAxisDecimalPattern("0")
                .setXAxisMaxLabelCount(10)
                .setYAxisDecimalPattern("0.00#")
                .setChartBackgroundColor(java.awt.Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.InsideSE)
                .setLegendBorderColor(java.awt.Color.WHITE)
                .setPlotBorderVisible(false);
        return chart;
    }

    private static void add(
            XYChart chart, String name, List<EpochMetrics> history, ToDoubleFunction<EpochMetrics> value) {
        double[] x = history.stream().mapToDouble(EpochMetrics::epoch).toArray();
        // The chart leaves a gap at NaN, and refuses an infinity.
        double[] y = history.stream()
                .mapToDouble(value)
                .map(v -> Double.isInfinite(v) ? Double.NaN : v)
                .toArray();
        if (x.length > 0) {
            chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
        }
    }
}
