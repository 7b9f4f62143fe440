package kawi.bench;

import java.util.List;
import java.util.Locale;

/** The results, for people and for programs. */
final class Report {
    private static final String ROW = "%-40s %10s %10s  %6s  %-13s %8s %6s  %7s %7s";
    private final Ceilings ceilings;

    /** A report on cases that ran on as many threads as these ceilings. */
    Report(Ceilings ceilings) {
        this.ceilings = ceilings;
    }

    String head() {
        return String.format(Locale.ROOT, ROW, "case", "kawi ms", "peer ms", "ratio", "min–max", "GFLOP/s", "peak", "MiB", "peer").stripTrailing();
    }

    String row(Result r) {
        if (r.failure() != null) {
            return String.format(Locale.ROOT, "%-40s failed: %s", r.item().name(), r.failure());
        }
        boolean alone = r.peer().length == 0;
        double[] ratios = r.ratios();
        return String.format(Locale.ROOT, ROW, r.item().name(), figures(r.kawiMillis()), figures(r.peerMillis()),
                alone ? "" : String.format(Locale.ROOT, "%.2f", r.ratio()),
                alone ? "" : String.format(Locale.ROOT, "%.2f–%.2f", Statistics.min(ratios), Statistics.max(ratios)),
                rate(r), percent(ofPeak(r)), megabytes(r.kawiPeak()), megabytes(r.peerPeak())).stripTrailing();
    }

    /** The geometric mean of the ratios of a suite's cases. */
    String mean(String name, List<Result> results) {
        double[] ratios = ratios(results);
        return String.format(Locale.ROOT, ROW, name + " (mean of " + ratios.length + ")", "", "",
                String.format(Locale.ROOT, "%.2f", Statistics.geometricMean(ratios)),
                String.format(Locale.ROOT, "%.2f–%.2f", Statistics.min(ratios), Statistics.max(ratios)), "", "", "", "").stripTrailing();
    }

    private static double perSecond(double amount, double millis) {
        return amount / millis / 1e6;
    }

    private String rate(Result r) {
        Case.Work w = r.item().work();
        if (w.flops() > 0) {
            return String.format(Locale.ROOT, "%.0f", perSecond(w.flops(), r.kawiMillis()));
        }
        return w.bytes() > 0 ? String.format(Locale.ROOT, "%.1f GB", perSecond(w.bytes(), r.kawiMillis())) : "";
    }

    /** The part of the machine's own ceiling that Kawi reaches: of FMA, or of copying. */
    private double ofPeak(Result r) {
        Case.Work w = r.item().work();
        if (w.flops() > 0) {
            return perSecond(w.flops(), r.kawiMillis()) / ceilings.gigaflops();
        }
        return w.bytes() > 0 ? perSecond(w.bytes(), r.kawiMillis()) / ceilings.copy() : Double.NaN;
    }

    private static String percent(double part) {
        return Double.isNaN(part) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * part);
    }

    private static String megabytes(double mb) {
        return Double.isNaN(mb) ? "" : String.format(Locale.ROOT, "%.0f", mb);
    }

    /** Three significant figures at least. */
    private static String figures(double millis) {
        if (Double.isNaN(millis)) {
            return "";
        }
        int decimals = millis >= 100 ? 1 : millis >= 10 ? 2 : millis >= 1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", millis);
    }

    /** One line of JSON; what was not measured is null. */
    String json(Result r) {
        Case.Work w = r.item().work();
        StringBuilder s = new StringBuilder("{");
        text(s, "case", r.item().name());
        s.append(",\"threads\":").append(ceilings.threads());
        number(s, "kawi_ms", r.kawiMillis());
        if (r.against() != null) {
            s.append(',');
            text(s, "peer", r.against().toString());
            number(s, "peer_ms", r.peerMillis());
            number(s, "ratio", r.ratio());
            number(s, "ratio_min", Statistics.min(r.ratios()));
            number(s, "ratio_max", Statistics.max(r.ratios()));
            number(s, "difference", r.difference());
            number(s, "tolerance", r.item().tolerance());
        }
        number(s, w.bytes() > 0 ? "gb_per_s" : "gflops", w.flops() + w.bytes() == 0 ? Double.NaN : perSecond(w.flops() + w.bytes(), r.kawiMillis()));
        number(s, "of_peak", ofPeak(r));
        number(s, "kawi_rss_mb", r.kawiPeak());
        number(s, "peer_rss_mb", r.peerPeak());
        if (r.failure() != null) {
            s.append(',');
            text(s, "failure", r.failure());
        }
        return s.append('}').toString();
    }

    /** One line of JSON for the geometric mean of a suite's ratios. */
    String meanJson(String suite, List<Result> results) {
        double[] ratios = ratios(results);
        StringBuilder s = new StringBuilder("{");
        text(s, "suite", suite);
        s.append(",\"threads\":").append(ceilings.threads());
        number(s, "cases", ratios.length);
        number(s, "ratio", Statistics.geometricMean(ratios));
        number(s, "ratio_min", Statistics.min(ratios));
        number(s, "ratio_max", Statistics.max(ratios));
        return s.append('}').toString();
    }

    private static double[] ratios(List<Result> results) {
        return results.stream()
                .filter(r -> r.failure() == null)
                .mapToDouble(Result::ratio)
                .toArray();
    }

    private static void text(StringBuilder s, String name, String value) {
        s.append('"').append(name).append("\":\"").append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }

    private static void number(StringBuilder s, String name, double value) {
        s.append(",\"").append(name).append("\":");
        s.append(Double.isFinite(value) ? String.format(Locale.ROOT, "%.4g", value) : "null");
    }
}
