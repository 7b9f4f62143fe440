package kawi.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.base.KawiException;
import kawi.data.DataException;
import kawi.io.AtomicFiles;
import kawi.io.FormatException;
import kawi.recipes.Demonstration;
import kawi.recipes.Figure;
import kawi.recipes.Reference;
import kawi.recipes.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code kawi run}: a row of the curriculum, its figures beside the references. */
@Command(
        name = "run",
        description = "Run a row of the curriculum: its figures beside the references, and its pictures.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every figure meets its reference",
            "1:it could not be run",
            "2:wrong use",
            "3:a figure does not meet its reference"
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final int NOT_MET = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "ID", description = "The row, such as A5; without it the rows are listed.")
    private @Nullable String id;

    @Option(names = "--all", description = "Run all rows, and write report.html with the figures and pictures of all.")
    private boolean all;

    @Option(names = "--json", description = "End each row with one JSON object on a line of standard output.")
    private boolean json;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of data sets (KAWI_DATA, then the user's cache).")
    private @Nullable Path data;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the pictures and of the report (runs/rows).")
    private Path out = Runs.FOLDER.resolve("rows");

    @Override
    public Integer call() {
        if (all && id != null) {
            throw new ParameterException(
                    spec.commandLine(), "--all runs every row, so leave out '%s', or leave out --all".formatted(id));
        }
        List<Demonstration> rows = Demonstration.all();
        if (id != null) {
            rows = List.of(find(id));
        } else if (!all) {
            list();
            return 0;
        }
        Runs.make(out);
        if (!all) {
            return status(run(rows.getFirst()));
        }
        Path page = out.resolve("report.html");
        spec.commandLine().getOut().printf("The report grows with each row: %s%n%n", page);
        List<ReportPage.Ran> ran = new ArrayList<>();
        for (Demonstration row : rows) {
            ran.add(runOrTell(row));
            AtomicFiles.write(page, ReportPage.of(ran).getBytes(StandardCharsets.UTF_8));
        }
        return ran.stream().mapToInt(RunCommand::status).max().orElse(0);
    }

    private void list() {
        PrintWriter text = spec.commandLine().getOut();
        for (Demonstration row : Demonstration.all()) {
            text.printf("%-4s %s%n", row.id(), row.sentence());
        }
        text.printf("%nRun one with ./kawi run ID, or all with ./kawi run --all%n");
        text.flush();
    }

    private Demonstration find(String name) {
        List<Demonstration> rows = Demonstration.all();
        return rows.stream()
                .filter(r -> r.id().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> {
                    String nearest = rows.stream()
                            .map(Demonstration::id)
                            .min(Comparator.comparingInt(n -> Recipes.distance(n, name.toUpperCase(Locale.ROOT))))
                            .orElse("");
                    return new ParameterException(
                            spec.commandLine(),
                            "there is no row '%s'. Did you mean '%s'? ./kawi run lists the rows"
                                    .formatted(name, nearest));
                });
    }

    private static int status(ReportPage.Ran row) {
        return row.failure() != null ? 1 : row.met() ? 0 : NOT_MET;
    }

    /** One of many rows: where it cannot be run the others still are. */
    private ReportPage.Ran runOrTell(Demonstration row) {
        long start = System.nanoTime();
        try {
            return run(row);
        } catch (KawiException | DataException | FormatException | UncheckedIOException e) {
            String failure = Main.words(e);
            spec.commandLine().getErr().println("kawi: row " + row.id() + ": " + failure);
            Report nothing = new Report(row.id(), data, out, line -> {});
            double seconds = (System.nanoTime() - start) / 1e9;
            return new ReportPage.Ran(row.id(), row.sentence(), nothing, List.of(), seconds, failure);
        }
    }

    private ReportPage.Ran run(Demonstration row) {
        PrintWriter text = spec.commandLine().getOut();
        text.printf("%s  %s%n%n", row.id(), row.sentence());
        text.flush();
        List<String> said = new ArrayList<>();
        Report report = new Report(row.id(), data, out, line -> {
            said.add(line);
            text.println(line);
            text.flush();
        });
        long start = System.nanoTime();
        row.run(report);
        double seconds = (System.nanoTime() - start) / 1e9;
        text.printf("%n%s", table(report.figures()));
        report.pictures().forEach(p -> text.printf("picture %s%n", p));
        text.printf(
                Locale.ROOT,
                "%s %s in %.1f s%n",
                row.id(),
                report.met() ? "meets its references" : "falls short",
                seconds);
        if (json) {
            text.println(json(row, report, seconds));
        }
        text.flush();
        return new ReportPage.Ran(row.id(), row.sentence(), report, said, seconds, null);
    }

    /** The figures beside their references. */
    private static String table(List<Figure> figures) {
        int meaning = "figure".length();
        int value = "here".length();
        int reference = "reference".length();
        for (Figure f : figures) {
            meaning = Math.max(meaning, f.meaning().length());
            value = Math.max(value, f.text().length());
            reference = Math.max(reference, f.reference().toString().length());
        }
        String format = "%-" + meaning + "s  %" + value + "s  %-" + reference + "s  %s%n";
        StringBuilder s = new StringBuilder(String.format(Locale.ROOT, format, "figure", "here", "reference", ""));
        for (Figure f : figures) {
            String verdict = f.reference().kind() == Reference.Kind.NONE ? "" : f.met() ? "met" : "NOT MET";
            s.append(String.format(Locale.ROOT, format, f.meaning(), f.text(), f.reference(), verdict));
        }
        return s.toString();
    }

    /** As {@code {"id":"A5","figures":{…},"reference":{…},"met":true,"seconds":…}}; a reference is its kind and number. */
    private static String json(Demonstration row, Report report, double seconds) {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        Map<String, Object> references = new LinkedHashMap<>();
        for (Figure f : report.figures()) {
            figures.put(f.key(), Double.isFinite(f.value()) ? f.value() : null); // JSON has no NaN
            Reference r = f.reference();
            switch (r.kind()) {
                case AT_MOST -> references.put(f.key(), Map.of("at_most", r.value()));
                case AT_LEAST -> references.put(f.key(), Map.of("at_least", r.value()));
                case EXACTLY -> references.put(f.key(), Map.of("exactly", r.value()));
                case NEAR -> {
                    Map<String, Double> near = new LinkedHashMap<>();
                    near.put("near", r.value());
                    near.put("tolerance", r.tolerance());
                    references.put(f.key(), near);
                }
                case NONE -> {}
            }
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", row.id());
        line.put("figures", figures);
        line.put("reference", references);
        line.put("met", report.met());
        line.put("seconds", Math.round(seconds * 100) / 100.0);
        return JsonMapper.builder().build().writeValueAsString(line);
    }
}
