package kawi.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.recipes.Recipe;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Recipes by name; a wrong name is answered with the nearest right one. */
final class Recipes {
    private Recipes() {}

    /** Some lines for each recipe: its defaults, and what it is; as a format, in which %% is a per cent sign. */
    static String table() {
        return Recipe.all().stream()
                .map(r -> String.format(
                        Locale.ROOT,
                        "  %-8s --epochs %d --batch %d --lr %s%n           %s",
                        r.name(),
                        r.epochs(),
                        r.batchSize(),
                        r.learningRate(),
                        r.description().replace("; ", System.lineSeparator() + " ".repeat(11))))
                .collect(Collectors.joining(System.lineSeparator()))
                .replace("%", "%%");
    }

    static Recipe find(String name, CommandSpec spec) {
        List<Recipe> all = Recipe.all();
        return all.stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow(() -> {
            String nearest = all.stream()
                    .map(Recipe::name)
                    .min(Comparator.comparingInt(n -> distance(n, name)))
                    .orElse("");
            String hint =
                    distance(nearest, name) <= Math.max(2, name.length() / 2) ? " Did you mean '" + nearest + "'?" : "";
            return new ParameterException(
                    spec.commandLine(),
                    "there is no recipe '%s'.%s Recipes are %s"
                            .formatted(
                                    name,
                                    hint,
                                    String.join(
                                            ", ", all.stream().map(Recipe::name).toList())));
        });
    }

    /** Fewest insertions, deletions and replacements that turn one word into another (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
