package kawi.recipes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import kawi.data.DataFolder;
import kawi.data.DataSource;
import kawi.io.AtomicFiles;
import org.jspecify.annotations.Nullable;

/** What a demonstration tells as it runs: lines of text, figures beside references, pictures. */
public final class Report {
    private final String id;
    private final @Nullable Path data;
    private final Path folder;
    private final Consumer<String> out;
    private final List<Figure> figures = new ArrayList<>();
    private final List<Path> pictures = new ArrayList<>();

    /**
     * An empty report.
     *
     * @param id of the demonstration
     * @param data folder of data sets, or null to look where {@code KAWI_DATA} says and in the user's cache
     * @param folder where pictures go; it exists
     * @param out gets each line of text
     */
    public Report(String id, @Nullable Path data, Path folder, Consumer<String> out) {
        this.id = id;
        this.data = data;
        this.folder = folder;
        this.out = out;
    }

    /** Says a line, or several, as {@link String#format} makes them. */
    public void say(String format, Object... arguments) {
        out.accept(String.format(Locale.ROOT, format, arguments));
    }

    /** Notes a figure beside its reference. */
    public void figure(String key, String meaning, double value, Reference reference) {
        if (figures.stream().anyMatch(f -> f.key().equals(key))) {
            throw new IllegalArgumentException("two figures are called " + key);
        }
        figures.add(new Figure(key, meaning, value, reference));
    }

    /** Writes a picture, {@code ID-name.png}. */
    public void picture(String name, Plot plot) {
        Path file = folder.resolve(id + "-" + name + ".png");
        AtomicFiles.write(file, plot.png());
        pictures.add(file);
    }

    /** The folder of a data set; see {@link DataFolder#find}. */
    public Path data(DataSource source) {
        return DataFolder.find(source, data);
    }

    /** The figures so far. */
    public List<Figure> figures() {
        return List.copyOf(figures);
    }

    /** The pictures so far. */
    public List<Path> pictures() {
        return List.copyOf(pictures);
    }

    /** Whether there are figures, and all meet their references. */
    public boolean met() {
        return !figures.isEmpty() && figures.stream().allMatch(Figure::met);
    }
}
