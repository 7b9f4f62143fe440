package kawi.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import kawi.base.KawiException;
import org.jspecify.annotations.Nullable;

/**
 * Where an operation was recorded: the line of the user's code, the layer, and for a derivative what it is the derivative of. To
 * find the line takes longer than to record the operation, so nodes remember it only while somebody {@link #keep}s it.
 */
public final class Site {
    /** Who wants nodes to remember. */
    private static final Set<String> KEEPERS = ConcurrentHashMap.newKeySet();

    private static volatile boolean kept;
    private static final ThreadLocal<@Nullable Node> DERIVED = new ThreadLocal<>();

    private final String line;
    private final @Nullable Node derived;
    private @Nullable Supplier<String> layer;

    private Site(String line, @Nullable Node derived) {
        this.line = line;
        this.derived = derived;
    }

    /** Nodes recorded from now on remember their sites, as long as any keeper wants them to. */
    public static void keep(String keeper, boolean on) {
        synchronized (KEEPERS) {
            if (on ? KEEPERS.add(keeper) : KEEPERS.remove(keeper)) {
                kept = !KEEPERS.isEmpty();
            }
        }
    }

    /** Whether a keeper wants sites. */
    public static boolean isKept(String keeper) {
        return KEEPERS.contains(keeper);
    }

    /** The site of the operation recorded now, if it is to be remembered. */
    static @Nullable Site here() {
        return kept ? new Site(KawiException.userLine().orElse("an unknown line"), DERIVED.get()) : null;
    }

    /** Does work that records the derivative of an operation. */
    public static <T> T derivative(Node of, Supplier<T> work) {
        if (!kept) {
            return work.get();
        }
        Node before = DERIVED.get();
        DERIVED.set(of);
        try {
            return work.get();
        } finally {
            DERIVED.set(before);
        }
    }

    /** What was recorded between input and output, and belongs to no layer within, belongs to this layer. */
    public static void layer(Node input, Node output, Supplier<String> name) {
        if (kept) {
            Deque<Node> open = new ArrayDeque<>();
            open.push(output);
            while (!open.isEmpty()) {
                Node node = open.pop();
                Site site = node.site();
                if (node != input && site != null && site.layer == null && node.inputs().length > 0) {
                    site.layer = name;
                    for (Node in : node.inputs()) {
                        open.push(in);
                    }
                }
            }
        }
    }

    /** The line of the user's code: {@code Class.method(File.java:12)}. */
    public String line() {
        return line;
    }

    /** The layer, by path and settings; that of the operation it is the derivative of; or null. */
    public @Nullable String layer() {
        if (layer != null) {
            return layer.get();
        }
        Site of = derived == null ? null : derived.site();
        return of == null ? null : of.layer();
    }

    /** Whose derivative this is, or null. */
    public @Nullable Node derived() {
        return derived;
    }

    /** Line and layer, for messages. */
    public String place() {
        String in = layer();
        return in == null ? line : line + ", in layer " + in;
    }

    /** {@link #place}, and what it is the derivative of. */
    @Override
    public String toString() {
        if (derived == null) {
            return place();
        }
        Site of = derived.site();
        return "%s, for the derivative of %s%s"
                .formatted(place(), derived, of == null ? "" : ", which was recorded at " + of.line);
    }
}
