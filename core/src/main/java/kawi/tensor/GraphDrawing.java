package kawi.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes a {@link GraphView} for Graphviz and for a browser. */
final class GraphDrawing {
    private static final int BOX_WIDTH = 150;
    private static final int BOX_HEIGHT = 34;
    private static final int GAP = 16;
    private static final int STEP = 70;
    /** Larger graphs are listed, not drawn. */
    private static final int MOST_DRAWN = 600;

    private GraphDrawing() {}

    static String dot(GraphView view) {
        StringBuilder s =
                new StringBuilder("digraph kawi {\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
        for (int i = 0; i < view.launches().size(); i++) {
            GraphView.Launch l = view.launches().get(i);
            s.append("  subgraph cluster_").append(i).append(" {\n    label=\"");
            s.append(quoted("launch " + i + time(l))).append("\";\n");
            for (int n : l.operations()) {
                if (view.launchOf(n) == i) {
                    s.append("    n").append(n).append(";\n");
                }
            }
            s.append("  }\n");
        }
        for (GraphView.Operation o : view.operations()) {
            s.append("  n%d [label=\"%s\\n%s\"%s];\n"
                    .formatted(
                            o.number(),
                            quoted(o.name()),
                            quoted(o.type()),
                            o.place()
                                    .map(p -> ", tooltip=\"" + quoted(p) + "\"")
                                    .orElse("")));
            o.inputs().forEach(in -> s.append("  n%d -> n%d;\n".formatted(in, o.number())));
        }
        return s.append("}\n").toString();
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String time(GraphView.Launch l) {
        return l.nanos() < 0 ? "" : String.format(Locale.ROOT, ", %.3f ms", l.nanos() / 1e6);
    }

    static String html(GraphView view) {
        StringBuilder s = new StringBuilder(
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Graph</title><style>\n"
                        + "body{font:14px sans-serif;margin:2em}td,th{text-align:left;padding:2px 12px 2px 0;vertical-align:top}\n"
                        + "text{font:11px sans-serif}rect{stroke:#444}line{stroke:#999}\n</style></head><body>\n");
        s.append(
                "<h1>Graph</h1>\n<p>%d operations, %d launches, %,d bytes of intermediate results. What has one colour is one launch; white needs none.</p>\n"
                        .formatted(view.operations().size(), view.launches().size(), view.intermediateBytes()));
        s.append(
                view.operations().size() <= MOST_DRAWN
                        ? drawing(view)
                        : "<p>Too many operations to be drawn; they are listed below.</p>\n");
        s.append(
                "<h2>Plan</h2>\n<table><tr><th></th><th>launch</th><th>operations</th><th>ms</th><th>arrays</th></tr>\n");
        for (int i = 0; i < view.launches().size(); i++) {
            GraphView.Launch l = view.launches().get(i);
            s.append("<tr><td style=\"background:%s\">%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n"
                    .formatted(
                            colour(i),
                            i,
                            escaped(l.label()),
                            l.operations().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                            l.nanos() < 0 ? "" : String.format(Locale.ROOT, "%.3f", l.nanos() / 1e6),
                            l.arrays().stream().map(GraphDrawing::escaped).collect(Collectors.joining("<br>"))));
        }
        s.append(
                "</table>\n<h2>Operations</h2>\n<table><tr><th></th><th>operation</th><th>type</th><th>inputs</th><th>recorded at</th></tr>\n");
        for (GraphView.Operation o : view.operations()) {
            s.append("<tr><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n"
                    .formatted(
                            o.number(),
                            escaped(o.name()),
                            escaped(o.type()),
                            o.inputs().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                            escaped(o.place().orElse(""))));
        }
        return s.append("</table>\n</body></html>\n").toString();
    }

    /** Each operation in a row below all of its inputs. */
    private static String drawing(GraphView view) {
        int n = view.operations().size();
        int[] row = new int[n];
        int[] column = new int[n];
        List<Integer> widths = new ArrayList<>();
        for (GraphView.Operation o : view.operations()) {
            int i = o.number();
            for (int in : o.inputs()) {
                row[i] = Math.max(row[i], row[in] + 1);
            }
            while (widths.size() <= row[i]) {
                widths.add(0);
            }
            column[i] = widths.get(row[i]);
            widths.set(row[i], column[i] + 1);
        }
        int across = widths.stream().mapToInt(w -> w).max().orElse(0) * (BOX_WIDTH + GAP) + GAP;
        StringBuilder lines = new StringBuilder();
        StringBuilder boxes = new StringBuilder();
        for (GraphView.Operation o : view.operations()) {
            int i = o.number();
            int x = GAP + column[i] * (BOX_WIDTH + GAP);
            int y = GAP + row[i] * STEP;
            for (int in : o.inputs()) {
                lines.append("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
                        .formatted(
                                GAP + column[in] * (BOX_WIDTH + GAP) + BOX_WIDTH / 2,
                                GAP + row[in] * STEP + BOX_HEIGHT,
                                x + BOX_WIDTH / 2,
                                y));
            }
            int launch = view.launchOf(i);
            boxes.append(
                    ("<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\"/>"
                                    + "<text x=\"%d\" y=\"%d\">%d %s</text><text x=\"%d\" y=\"%d\">%s</text></g>\n")
                            .formatted(
                                    escaped(o.place().orElse(o.name())),
                                    x,
                                    y,
                                    BOX_WIDTH,
                                    BOX_HEIGHT,
                                    launch < 0 ? "#fff" : colour(launch),
                                    x + 6,
                                    y + 14,
                                    i,
                                    escaped(o.name()),
                                    x + 6,
                                    y + 28,
                                    escaped(o.type())));
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n%s%s</svg>\n"
                .formatted(across, widths.size() * STEP + GAP, lines, boxes);
    }

    /** Colours that differ between neighbours: hues a golden angle apart. */
    private static String colour(int launch) {
        return String.format(Locale.ROOT, "hsl(%.0f,65%%,80%%)", launch * 137.508 % 360);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
