package kawi.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** The picture of a {@link GradientReport}. */
final class GradientPicture {
    /** What stands for a gradient of 0 on a logarithmic scale, and for one without end. */
    private static final double LEAST = 1e-12;

    private static final double MOST = 1e12;

    private GradientPicture() {}

    static void write(Path file, GradientReport report) {
        System.setProperty("java.awt.headless", "true");
        List<String> names = new ArrayList<>();
        List<Double> norms = new ArrayList<>();
        for (GradientReport.Gradient g : report.parameters()) {
            names.add(g.parameter());
            norms.add(Double.isFinite(g.norm()) ? Math.clamp(g.norm(), LEAST, MOST) : MOST);
        }
        CategoryChart gradients = chart("norm of the gradient (%.0e: none or zero)".formatted(LEAST), "parameter");
        gradients.getStyler().setYAxisLogarithmic(true).setYAxisMin(LEAST).setXAxisLabelRotation(60);
        if (!names.isEmpty()) {
            gradients.addSeries("gradient", names, norms);
        }
        List<String> relus = new ArrayList<>();
        List<Double> dead = new ArrayList<>();
        for (GradientReport.Units u : report.relus()) {
            relus.add("relu " + (relus.size() + 1));
            dead.add(u.fraction());
        }
        CategoryChart units = chart("dead units, as a fraction", "relu");
        units.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
        if (!relus.isEmpty()) {
            units.addSeries("dead", relus, dead);
        }
        Curves.png(file, Curves.sideBySide(gradients, units));
    }

    private static CategoryChart chart(String title, String axis) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(640)
                .height(480)
                .title(title)
                .xAxisTitle(axis)
                .build();
        chart.getStyler()
                .setLegendVisible(false)
                .setChartBackgroundColor(java.awt.Color.WHITE)
                .setPlotBorderVisible(false);
        return chart;
    }
}
