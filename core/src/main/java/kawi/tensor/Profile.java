package kawi.tensor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kawi.graph.Node;
import kawi.graph.Site;
import kawi.schedule.Engine;
import kawi.schedule.LaunchWatch;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of some work went: by launch, by operation, and by line of the user's code. A launch that computes several fused
 * operations has one time; by operation and by line each of them gets an equal share of it and of the bytes. The
 * first runs of a program are slower, because kernels are still being made: warm up before.
 *
 * @param nanos the time of all of the work: more than that of the launches, by recording, planning and whatever else it does
 */
public record Profile(List<Row> launches, List<Row> operations, List<Row> lines, long nanos) {
    private static final int SHOWN = 20;

    /** One line of a table: the time, in nanoseconds, and the bytes read and written of all that go by a name. */
    public record Row(String name, long count, long nanos, long bytes) {
        /** Bytes per nanosecond, that is gigabytes per second. */
        public double gigabytesPerSecond() {
            return nanos == 0 ? 0 : (double) bytes / nanos;
        }
    }

    /** Does work and tells of the launches that it ran. Launches are also given to JFR as events {@code kawi.Launch}. */
    static Profile of(Runnable work) {
        boolean lines = Site.isKept("profile");
        Site.keep("profile", true);
        LaunchWatch before = Engine.get().watch(null);
        Collector collector = new Collector(before);
        Engine.get().watch(collector);
        long start = System.nanoTime();
        try {
            work.run();
        } finally {
            Engine.get().watch(before);
            Site.keep("profile", lines);
        }
        return collector.profile(System.nanoTime() - start);
    }

    /** The time of all launches. */
    public long launchNanos() {
        return launches.stream().mapToLong(Row::nanos).sum();
    }

    /** Three tables for people, the slowest first. */
    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "%.3f ms, of which launches %.3f ms; the rest is recording, planning and other work%n",
                        nanos / 1e6,
                        launchNanos() / 1e6)
                + table("launch", launches)
                + table("operation", operations)
                + table("line", lines);
    }

    private String table(String title, List<Row> rows) {
        int width = Math.max(
                title.length(),
                rows.stream().limit(SHOWN).mapToInt(r -> r.name.length()).max().orElse(0));
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                Locale.ROOT, "%n%-" + width + "s  %8s %12s %7s %12s %8s%n", title, "count", "ms", "%", "MB", "GB/s"));
        double all = Math.max(1, launchNanos());
        for (Row r : rows.subList(0, Math.min(SHOWN, rows.size()))) {
            s.append(String.format(
                    Locale.ROOT,
                    "%-" + width + "s  %8d %12.3f %7.1f %12.3f %8.1f%n",
                    r.name,
                    r.count,
                    r.nanos / 1e6,
                    100 * r.nanos / all,
                    r.bytes / 1e6,
                    r.gigabytesPerSecond()));
        }
        return rows.size() > SHOWN ? s + "and " + (rows.size() - SHOWN) + " more\n" : s.toString();
    }

    /** Sums of one kind. */
    private static final class Sums {
        private static final class Sum {
            long count;
            double nanos;
            double bytes;
        }

        private final Map<String, Sum> byName = new LinkedHashMap<>();

        void add(String name, double nanos, double bytes) {
            Sum sum = byName.computeIfAbsent(name, _ -> new Sum());
            sum.count++;
            sum.nanos += nanos;
            sum.bytes += bytes;
        }

        List<Row> rows() {
            List<Row> rows = new ArrayList<>();
            byName.forEach((name, s) -> rows.add(new Row(name, s.count, Math.round(s.nanos), Math.round(s.bytes))));
            rows.sort(Comparator.comparingLong(Row::nanos).reversed());
            return List.copyOf(rows);
        }
    }

    private static final class Collector implements LaunchWatch {
        private static final String UNKNOWN = "recorded outside of the profile";

        private final Sums launches = new Sums();
        private final Sums operations = new Sums();
        private final Sums lines = new Sums();
        private final boolean events = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

        /** The profile around this one, which wants to know too. */
        private final @Nullable LaunchWatch outer;

        Collector(@Nullable LaunchWatch outer) {
            this.outer = outer;
        }

        @Override
        public void ran(String label, List<Node> computed, long bytes, long nanos) {
            if (outer != null) {
                outer.ran(label, computed, bytes, nanos);
            }
            launches.add(label, nanos, bytes);
            Collection<Node> shares = computed;
            for (Node node : shares) {
                Site site = node.site();
                double part = 1.0 / shares.size();
                operations.add(node.op().label(), nanos * part, bytes * part);
                lines.add(site == null ? UNKNOWN : site.line(), nanos * part, bytes * part);
            }
            if (shares.isEmpty()) {
                operations.add(label, nanos, bytes);
                lines.add(UNKNOWN, nanos, bytes);
            }
            if (events) {
                LaunchEvent.emit(label, line(computed), bytes, nanos);
            }
        }

        private static @Nullable String line(List<Node> computed) {
            for (Node node : computed.reversed()) {
                Site site = node.site();
                if (site != null) {
                    return site.line();
                }
            }
            return null;
        }

        Profile profile(long nanos) {
            return new Profile(launches.rows(), operations.rows(), lines.rows(), nanos);
        }
    }
}
