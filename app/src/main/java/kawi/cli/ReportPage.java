package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import kawi.recipes.Figure;
import kawi.recipes.Reference;
import kawi.recipes.Report;
import kawi.tensor.Kawi;
import org.jspecify.annotations.Nullable;

/** The rows that ran as one page of HTML, complete in itself: pictures are part of it, and it loads nothing. */
final class ReportPage {
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Kawi: the curriculum as programs</title>
            <style>
            :root { color-scheme: light dark; --faint: #8884; --good: #1a7f37; --bad: #b3261e; }
            @media (prefers-color-scheme: dark) { :root { --good: #57c970; --bad: #ff8a80; } }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { margin-bottom: 0; } h2 { margin: 3rem 0 0; border-top: 1px solid var(--faint); padding-top: 1.5rem; }
            h2 small { font-weight: normal; font-size: 1rem; opacity: .7; }
            p.sentence { font-size: 1.15rem; margin: .2rem 0 1rem; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--faint); vertical-align: top; }
            td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .met { color: var(--good); } .short { color: var(--bad); font-weight: 600; } a { color: inherit; }
            figure { margin: 1rem 0; } img { max-width: 100%; border-radius: 6px; background: white; }
            figcaption { opacity: .7; } pre { overflow-x: auto; font-size: .85rem; line-height: 1.35; }
            </style>
            </head>
            <body>
            """;

    private ReportPage() {}

    /**
     * A row that ran, or could not.
     *
     * @param text what it said
     * @param failure why it could not be run; null if it could
     */
    record Ran(
            String id,
            String sentence,
            Report report,
            List<String> text,
            double seconds,
            @Nullable String failure) {
        boolean met() {
            return failure == null && report.met();
        }

        private String verdict() {
            return failure != null ? "could not be run" : met() ? "met" : "falls short";
        }

        private String mark() {
            return "<span class=\"%s\">%s</span>".formatted(met() ? "met" : "short", verdict());
        }
    }

    /** The page. */
    static String of(List<Ran> rows) {
        StringBuilder page = new StringBuilder(HEAD);
        long met = rows.stream().filter(Ran::met).count();
        double seconds = rows.stream().mapToDouble(Ran::seconds).sum();
        page.append("<h1>The curriculum as programs</h1>\n");
        page.append(text(
                "<p>%d rows, %d of them meet every reference, in %s. Each row does on a computer what it says; its figures stand beside what"
                        + " was published or can be proved.<br><small>%s, Java %s</small></p>%n",
                rows.size(),
                met,
                duration(seconds),
                escaped(Kawi.device()),
                escaped(System.getProperty("java.version"))));
        contents(page, rows);
        rows.forEach(row -> section(page, row));
        return page.append("</body>\n</html>\n").toString();
    }

    private static void contents(StringBuilder page, List<Ran> rows) {
        page.append("<table>\n<tr><th>row</th><th>what it shows</th><th class=\"number\">figures</th>"
                + "<th class=\"number\">seconds</th><th></th></tr>\n");
        for (Ran row : rows) {
            List<Figure> held = held(row.report);
            page.append(text(
                    "<tr><td><a href=\"#%s\">%s</a></td><td>%s</td><td class=\"number\">%d of %d</td><td class=\"number\">%.1f</td><td>%s</td></tr>%n",
                    row.id,
                    row.id,
                    escaped(row.sentence),
                    held.stream().filter(Figure::met).count(),
                    held.size(),
                    row.seconds,
                    row.mark()));
        }
        page.append("</table>\n");
    }

    /** The figures that have a reference. */
    private static List<Figure> held(Report report) {
        return report.figures().stream()
                .filter(f -> f.reference().kind() != Reference.Kind.NONE)
                .toList();
    }

    private static void section(StringBuilder page, Ran row) {
        page.append(text(
                "<section id=\"%s\">%n<h2>%s <small>%s, %.1f s</small></h2>%n<p class=\"sentence\">%s</p>%n",
                row.id, row.id, row.mark(), row.seconds, escaped(row.sentence)));
        if (row.failure != null) {
            page.append("<pre class=\"short\">").append(escaped(row.failure)).append("</pre>\n");
        }
        if (!row.report.figures().isEmpty()) {
            page.append("<table>\n<tr><th>figure</th><th class=\"number\">here</th><th class=\"number\">reference</th>"
                    + "<th></th></tr>\n");
            row.report.figures().forEach(f -> figure(page, f));
            page.append("</table>\n");
        }
        row.report.pictures().forEach(p -> picture(page, p));
        if (!row.text.isEmpty()) {
            page.append("<details><summary>What it said</summary>\n<pre>")
                    .append(escaped(String.join("\n", row.text)))
                    .append("</pre></details>\n");
        }
        page.append("</section>\n");
    }

    private static void figure(StringBuilder page, Figure f) {
        boolean told = f.reference().kind() == Reference.Kind.NONE;
        String verdict =
                told ? "" : f.met() ? "<span class=\"met\">met</span>" : "<span class=\"short\">not met</span>";
        page.append(text(
                "<tr><td>%s</td><td class=\"number\">%s</td><td class=\"number\">%s</td><td>%s</td></tr>%n",
                escaped(f.meaning()), escaped(f.text()), escaped(f.reference().toString()), verdict));
    }

    private static void picture(StringBuilder page, Path file) {
        String name =
                String.valueOf(file.getFileName()).replaceFirst("\\.png$", "").replace('-', ' ');
        try {
            page.append(
                    "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>\n"
                            .formatted(
                                    escaped(name),
                                    Base64.getEncoder().encodeToString(Files.readAllBytes(file)),
                                    escaped(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read for the report", e);
        }
    }

    private static String duration(double seconds) {
        return seconds < 100 ? text("%.0f s", seconds) : text("%d min %02d s", (int) seconds / 60, (int) seconds % 60);
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }

    private static String escaped(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
