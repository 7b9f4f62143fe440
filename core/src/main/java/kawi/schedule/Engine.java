package kawi.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kawi.base.Buffer;
import kawi.base.KawiException;
import kawi.base.Memory;
import kawi.base.Value;
import kawi.device.Backend;
import kawi.graph.Movement;
import kawi.graph.Node;
import kawi.graph.Traversal;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is asked for: makes the program of the wanted nodes, finds or makes its plan, and gives the nodes their
 * values. One program runs at a time; calls from several threads wait for each other.
 */
public final class Engine {
    /** Operations of all cached plans together; one takes about half a kilobyte. */
    private static final long CACHED_ITEMS = 100_000;

    private static final Engine INSTANCE = new Engine();

    private final ReentrantLock lock = new ReentrantLock();
    private final Backend backend;
    private final Backend reference;
    private volatile boolean eager;
    private volatile @Nullable LaunchWatch watch;
    /** Looks at what is about to run and may run parts of it, or null. */
    private volatile @Nullable Consumer<List<Node>> inspector;

    private Buffer arena = Memory.allocate(64, "arena");
    private long arenaBytes = 64;
    private int plansMade;
    /** The least recently used first. */
    private final LinkedHashMap<Program, Plan> plans = new LinkedHashMap<>(64, 0.75f, true);

    private long cachedItems;

    private Engine() {
        String name = System.getProperty("kawi.backend", "cpu");
        this.reference = find("reference");
        this.backend = find(name);
    }

    private static Backend find(String name) {
        List<String> present = new ArrayList<>();
        for (Backend b : ServiceLoader.load(Backend.class, Engine.class.getClassLoader())) {
            if (b.name().equals(name)) {
                return b;
            }
            present.add(b.name());
        }
        throw new KawiException(
                "there is no backend '" + name + "'; present are " + present + ". Set -Dkawi.backend to one of them");
    }

    /** The one engine of this process. */
    public static Engine get() {
        return INSTANCE;
    }

    /** The device that runs programs. */
    public Backend backend() {
        return backend;
    }

    /** Whether every operation runs when it is called, alone. */
    public boolean eager() {
        return eager;
    }

    /** Runs every operation as it is called, or programs as a whole. The numbers are the same. */
    public void eager(boolean on) {
        eager = on;
    }

    /** Tells {@code next}, if it is not null, of each launch from now on. Returns who was told before. */
    public @Nullable LaunchWatch watch(@Nullable LaunchWatch next) {
        LaunchWatch before = watch;
        watch = next;
        return before;
    }

    /** Calls {@code next}, if it is not null, with the wanted nodes before each run; what it runs itself it is not called for. */
    public void inspector(@Nullable Consumer<List<Node>> next) {
        inspector = next;
    }

    /** Whether there is an inspector. */
    public boolean inspected() {
        return inspector != null;
    }

    private void inspect(List<Node> wanted) {
        Consumer<List<Node>> own = inspector;
        if (own != null) {
            inspector = null;
            try {
                own.accept(wanted);
            } finally {
                inspector = own;
            }
        }
    }

    /** Gives all the nodes their values. */
    public void realize(List<Node> wanted) {
        run(wanted, List.of());
    }

    /**
     * Gives all the nodes their values.
     *
     * @param donated for each wanted node a leaf whose memory its value may overwrite, or null; such a leaf loses its value
     *     where that is done, which is where no recorded operation outside of this run reads it
     * @return all nodes that took part, inputs before their readers
     */
    public List<Node> run(List<Node> wanted, List<? extends @Nullable Node> donated) {
        lock.lock();
        try {
            inspect(wanted);
            List<Node> open = new ArrayList<>(wanted.size());
            List<@Nullable Node> donors = new ArrayList<>(wanted.size());
            for (int i = 0; i < wanted.size(); i++) {
                Node node = wanted.get(i);
                if (node.value() == null && !viewed(node)) {
                    open.add(node);
                    donors.add(i < donated.size() ? donated.get(i) : null);
                }
            }
            if (open.isEmpty()) {
                return List.of();
            }
            Program program = new Program(open, donors, !eager);
            List<Value> leaves = List.copyOf(program.leaves);
            List<Long> constants = List.copyOf(program.constants);
            List<Node> nodes = List.copyOf(program.nodes);
            List<Node> nodeOf = watch == null ? List.of() : program.nodeOfItems();
            Plan plan = plans.get(program);
            if (plan == null) {
                plan = Planner.plan(program, backend, reference);
                plansMade++;
                cache(program, plan);
            }
            List<Value> values = List.of();
            try {
                values = run(plan, leaves, constants, nodeOf);
            } finally {
                for (int i = 0; i < open.size(); i++) {
                    Node donor = donors.get(i);
                    if (donor != null && plan.overwritten(i)) {
                        donor.lose();
                    }
                }
            }
            for (int i = 0; i < values.size(); i++) {
                open.get(i).value(values.get(i));
            }
            return nodes;
        } finally {
            lock.unlock();
        }
    }

    /** The known nodes that a program for these nodes reads, in order. */
    public List<Node> leaves(List<Node> wanted) {
        return locked(() ->
                Traversal.order(wanted).stream().filter(n -> n.value() != null).toList());
    }

    /** The program of these nodes, to be run again and again with other values of its {@link #leaves}. */
    public Replay replay(List<Node> wanted) {
        return locked(() -> {
            Program program = new Program(wanted, List.of(), true);
            List<Long> constants = List.copyOf(program.constants);
            return new Replay(this, Planner.plan(program, backend, reference), constants);
        });
    }

    /** Runs a plan in memory for intermediates that all plans share. */
    List<Value> run(Plan plan, List<Value> leaves, List<Long> constants, List<Node> nodeOf) {
        lock.lock();
        try {
            if (plan.arenaBytes() > arenaBytes) {
                arenaBytes = plan.arenaBytes();
                arena = Memory.allocate(arenaBytes, "intermediates of one run");
            }
            return plan.run(leaves, constants, arena.segment(), told(plan, nodeOf));
        } finally {
            lock.unlock();
        }
    }

    private Plan.@Nullable Watch told(Plan plan, List<Node> nodeOf) {
        LaunchWatch to = watch;
        return to == null
                ? null
                : (step, nanos) -> to.ran(
                        step.label(),
                        nodeOf.isEmpty()
                                ? List.of()
                                : step.computes().stream().map(nodeOf::get).toList(),
                        plan.bytes(step),
                        nanos);
    }

    private void cache(Program program, Plan plan) {
        plans.put(program, plan);
        cachedItems += program.items.size();
        while (cachedItems > CACHED_ITEMS && plans.size() > 1) {
            cachedItems -= Objects.requireNonNull(plans.pollFirstEntry())
                    .getKey()
                    .items
                    .size();
        }
    }

    /** A view of a known value is known at once. */
    private static boolean viewed(Node node) {
        if (node.op() instanceof Movement.Viewing v && node.inputs().length > 0) {
            Value value = node.inputs()[0].value();
            if (value != null) {
                kawi.base.View view = v.apply(value.view());
                if (view != null) {
                    node.value(new Value(value.buffer(), view));
                    return true;
                }
            }
        }
        return false;
    }

    /** Does work that must not meet a running program, such as walking the graph with its marks. */
    public <T> T locked(java.util.function.Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** The labels of the launches that would give the nodes their values, in order. */
    public List<String> explain(List<Node> wanted) {
        return plan(wanted).map(Plan::labels).orElse(List.of());
    }

    /** The bytes of intermediates that are alive at once when the nodes get their values in one run. */
    public long intermediateBytes(List<Node> wanted) {
        return plan(wanted).map(Plan::arenaBytes).orElse(0L);
    }

    /** The launches that would give the nodes their values, in order, with what they read and write. */
    public List<PlannedLaunch> describe(List<Node> wanted) {
        return locked(() -> {
            List<Node> open = wanted.stream().filter(n -> n.value() == null).toList();
            if (open.isEmpty()) {
                return List.of();
            }
            Program program = new Program(open, List.of(), !eager);
            List<Node> nodeOf = program.nodeOfItems();
            return Planner.plan(program, backend, reference).describe(nodeOf);
        });
    }

    private Optional<Plan> plan(List<Node> wanted) {
        return locked(() -> {
            List<Node> open = wanted.stream().filter(n -> n.value() == null).toList();
            return open.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Planner.plan(new Program(open, List.of(), !eager), backend, reference));
        });
    }

    /** Nodes still to be run for the roots, the roots among them, that other recorded nodes or holders read as well. */
    public List<Node> escaping(List<Node> roots) {
        return locked(() -> {
            List<Node> order = Traversal.order(roots);
            int[] reads = new int[order.size()];
            for (Node node : order) {
                if (node.value() == null) {
                    for (Node in : node.inputs()) {
                        reads[Traversal.index(in)]++;
                    }
                }
            }
            List<Node> escaping = new ArrayList<>();
            for (int i = 0; i < reads.length; i++) {
                Node node = order.get(i);
                if (node.value() == null && node.inputs().length > 0 && node.uses() > reads[i]) {
                    escaping.add(node);
                }
            }
            return escaping;
        });
    }

    /** All nodes that remain to be run for the wanted ones, inputs first. */
    public List<Node> pending(List<Node> wanted) {
        return locked(() ->
                Traversal.order(wanted).stream().filter(n -> n.value() == null).toList());
    }

    /** How many programs have been planned so far; the others found their plan. */
    int plansMade() {
        return plansMade;
    }

    /** Sets the number of worker threads. */
    public void threads(int count) {
        locked(() -> {
            backend.threads(count);
            return 0;
        });
    }
}
