package kawi.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.tensor.Key;

/**
 * The settings that a search may choose from.
 *
 * <pre>{@code
 * Space space = new Space().logarithmic("rate", 1e-4, 1).choice("units", 8, 16, 32).choice("kernel", "linear", "rbf");
 * List<Configuration> all = space.grid(5), some = space.random(60, 0);
 * }</pre>
 *
 * Random configurations find good values of the settings that matter sooner than a grid, which tries few values of each (Bergstra and Bengio 2012).
 */
public final class Space {
    private final List<Setting> settings;

    /** A space without settings. */
    public Space() {
        this(List.of());
    }

    private Space(List<Setting> settings) {
        this.settings = settings;
    }

    /** One setting: its values on a grid, and a random one. */
    private interface Setting {
        String name();

        List<Object> grid(int points);

        /** The value at u, uniform in [0, 1). */
        Object at(double u);
    }

    private record Choice(String name, List<Object> values) implements Setting {
        @Override
        public List<Object> grid(int points) {
            return values;
        }

        @Override
        public Object at(double u) {
            return values.get((int) (u * values.size()));
        }
    }

    private record Range(String name, double low, double high, boolean logarithmic, boolean whole) implements Setting {
        @Override
        public List<Object> grid(int points) {
            return IntStream.range(0, points)
                    .mapToObj(i -> at(points == 1 ? 0.5 : i / (points - 1.0)))
                    .distinct()
                    .toList();
        }

        @Override
        public Object at(double u) {
            if (whole) {
                return Math.min(high, Math.floor(low + u * (high - low + 1)));
            }
            double v = logarithmic ? low * Math.pow(high / low, u) : low + u * (high - low);
            return Math.clamp(v, low, high);
        }
    }

    private Space with(Setting setting) {
        if (settings.stream().anyMatch(s -> s.name().equals(setting.name()))) {
            throw new KawiException("Space: there are two settings \"%s\"".formatted(setting.name()));
        }
        List<Setting> more = new ArrayList<>(settings);
        more.add(setting);
        return new Space(List.copyOf(more));
    }

    /** This space with a setting that is one of some numbers or texts. */
    public Space choice(String name, Object... values) {
        if (values.length == 0) {
            throw new KawiException("Space: \"%s\" has nothing to choose from".formatted(name));
        }
        return with(new Choice(name, Arrays.asList(values)));
    }

    /** This space with a number from low to high, each as likely. */
    public Space uniform(String name, double low, double high) {
        return with(range(name, low, high, false, false));
    }

    /** This space with a number above 0 from low to high whose logarithm is uniform: for rates and penalties. */
    public Space logarithmic(String name, double low, double high) {
        if (!(low > 0)) {
            throw new KawiException(
                    "Space: \"%s\" is logarithmic, so it starts above 0, but at %s".formatted(name, low));
        }
        return with(range(name, low, high, true, false));
    }

    /** This space with a whole number from low to high, each as likely. */
    public Space whole(String name, int low, int high) {
        return with(range(name, low, high, false, true));
    }

    private static Range range(String name, double low, double high, boolean logarithmic, boolean whole) {
        if (!(low <= high) || Double.isInfinite(high - low)) {
            throw new KawiException("Space: \"%s\" goes from %s to %s, which is no range".formatted(name, low, high));
        }
        return new Range(name, low, high, logarithmic, whole);
    }

    /** Every combination: all values of a choice, and {@code points} values of a range, ends included. */
    public List<Configuration> grid(int points) {
        if (points < 1) {
            throw new KawiException("Space: a grid has at least 1 point for each range, but " + points + " were given");
        }
        List<Map<String, Object>> all = List.of(new TreeMap<>());
        for (Setting s : settings) {
            List<Map<String, Object>> more = new ArrayList<>();
            for (Map<String, Object> one : all) {
                for (Object value : s.grid(points)) {
                    Map<String, Object> next = new TreeMap<>(one);
                    next.put(s.name(), value);
                    more.add(next);
                }
            }
            all = more;
        }
        return all.stream().map(Configuration::new).toList();
    }

    /** So many random configurations. Number i depends on the seed and i alone, so that asking for more adds to the list. */
    public List<Configuration> random(int count, long seed) {
        List<Configuration> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double[] u =
                    Key.of(seed).fold(i).uniform(DType.F64, settings.size()).toDoubleArray();
            Map<String, Object> one = new TreeMap<>();
            for (int k = 0; k < u.length; k++) {
                one.put(settings.get(k).name(), settings.get(k).at(u[k]));
            }
            drawn.add(new Configuration(one));
        }
        return drawn;
    }
}
