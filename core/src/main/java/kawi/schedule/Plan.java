package kawi.schedule;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.base.Buffer;
import kawi.base.Memory;
import kawi.base.Value;
import kawi.base.View;
import kawi.graph.Node;
import kawi.graph.Source;
import org.jspecify.annotations.Nullable;

/** A program made ready: launches in order and the memory of every value. Holds no tensors between runs. */
final class Plan {
    private final Program program;
    private final List<Step> steps;
    private final long arenaBytes;
    private final int[] bases;
    private final View[] views;
    /** Where each item's memory comes from: a leaf's number, an output's buffer number, or a place in the arena. */
    private final int[] leafOf;

    private final int[] bufferOf;
    private final long[] placeOf;
    private final int[] constantOf;
    private final List<Integer> allocated = new ArrayList<>();
    /** For each output whether it is written over a leaf; the first step that does so; whether the latest run got so far. */
    private final boolean[] overwrites;

    private final int firstOverwrite;
    private boolean spoiled;

    private final MemorySegment[] memory;
    private final long[] offsets;

    Plan(
            Program program,
            List<Step> steps,
            Storage storage,
            Map<Integer, View> outputViews,
            Fusion fusion,
            String backend) {
        this.program = program;
        this.steps = steps;
        this.arenaBytes = storage.arenaBytes;
        int n = program.items.size();
        leafOf = new int[n];
        bufferOf = new int[n];
        placeOf = new long[n];
        constantOf = new int[n];
        memory = new MemorySegment[n];
        offsets = new long[n];
        int leaves = 0;
        int constants = 0;
        for (int i = 0; i < n; i++) {
            leafOf[i] = program.items.get(i).isLeaf() ? leaves++ : -1;
            constantOf[i] = program.items.get(i).op() instanceof Source.Constant ? constants++ : -1;
            bufferOf[i] = -1;
        }
        bases = new int[program.outputs.length];
        views = new View[program.outputs.length];
        for (int o = 0; o < bases.length; o++) {
            bases[o] = fusion.base(program.outputs[o]);
            views[o] = outputViews.get(program.outputs[o]);
            int root = storage.root(bases[o]);
            if (leafOf[root] < 0 && bufferOf[root] < 0) {
                bufferOf[root] = allocated.size();
                allocated.add(root);
            }
        }
        for (int i = 0; i < n; i++) {
            int root = storage.root(i);
            leafOf[i] = leafOf[root];
            bufferOf[i] = bufferOf[root];
            placeOf[i] = storage.places[root];
        }
        overwrites = new boolean[bases.length];
        Set<Integer> written = new HashSet<>();
        for (int o = 0; o < bases.length; o++) {
            overwrites[o] = program.donors[o] >= 0;
            if (overwrites[o]) {
                written.add(bases[o]);
            }
        }
        int step = 0;
        while (step < steps.size() && Arrays.stream(steps.get(step).items()).noneMatch(written::contains)) {
            step++;
        }
        firstOverwrite = step;
        program.forgetArguments();
    }

    /** Whether the latest run, be it ended or broken off, has written output number {@code o} over a leaf. */
    boolean overwritten(int o) {
        return overwrites[o] && spoiled;
    }

    /** Bytes of intermediates. */
    long arenaBytes() {
        return arenaBytes;
    }

    /** Number of launches. */
    int launches() {
        return steps.size();
    }

    /** Is told of each step when it has run. */
    interface Watch {
        void ran(Step step, long nanos);
    }

    /** The bytes of the arrays that a step reads and writes, each counted once. */
    long bytes(Step step) {
        return Arrays.stream(step.items())
                .filter(item -> item != Draft.LOCAL)
                .distinct()
                .mapToLong(this::bytes)
                .sum();
    }

    private long bytes(int item) {
        return program.size(item) * program.dtype(item).bytes();
    }

    /** The steps, told by the nodes of the program's items. */
    List<PlannedLaunch> describe(List<Node> nodeOf) {
        return steps.stream()
                .map(step -> new PlannedLaunch(
                        step.label(),
                        step.computes().stream().map(nodeOf::get).toList(),
                        Arrays.stream(step.items())
                                .filter(item -> item != Draft.LOCAL)
                                .distinct()
                                .mapToObj(item -> new PlannedLaunch.Array(
                                        nodeOf.get(item),
                                        place(item),
                                        bytes(item),
                                        step.computes().contains(item)))
                                .toList()))
                .toList();
    }

    private String place(int item) {
        if (leafOf[item] >= 0) {
            return "leaf " + leafOf[item];
        }
        return bufferOf[item] >= 0 ? "result " + bufferOf[item] : "arena at " + placeOf[item];
    }

    /** What runs, in order. */
    List<String> labels() {
        return steps.stream().map(Step::label).toList();
    }

    /**
     * Runs the steps.
     *
     * @param leaves values of the leaves in order of their items
     * @param constants bits of the constants in order of their items
     * @param arena memory for intermediates, at least {@link #arenaBytes}
     * @param watch is told of each step, or null
     * @return the values of the program's outputs
     */
    List<Value> run(List<Value> leaves, List<Long> constants, MemorySegment arena, @Nullable Watch watch) {
        try {
            return launch(leaves, constants, arena, watch);
        } finally { // after a run that failed as well, nothing of it is held
            Arrays.fill(memory, null);
            steps.forEach(s -> Arrays.fill(s.buffers(), null));
        }
    }

    private List<Value> launch(List<Value> leaves, List<Long> constants, MemorySegment arena, @Nullable Watch watch) {
        spoiled = false;
        Buffer[] buffers = new Buffer[allocated.size()];
        for (int b = 0; b < buffers.length; b++) {
            int item = allocated.get(b);
            Program.Item it = program.items.get(item);
            buffers[b] = Memory.allocate(
                    it.type().shape().size() * it.type().dtype().bytes(),
                    it.op().label() + " " + it.type());
        }
        for (int i = 0; i < memory.length; i++) {
            if (leafOf[i] >= 0) {
                Value v = leaves.get(leafOf[i]);
                memory[i] = v.buffer().segment();
                offsets[i] = v.offsetBytes(program.dtype(i));
            } else if (bufferOf[i] >= 0) {
                memory[i] = buffers[bufferOf[i]].segment();
                offsets[i] = 0;
            } else if (placeOf[i] >= 0) {
                memory[i] = arena;
                offsets[i] = placeOf[i];
            }
        }
        for (int s = 0; s < steps.size(); s++) {
            Step step = steps.get(s);
            spoiled |= s >= firstOverwrite;
            for (int k = 0; k < step.items().length; k++) {
                int item = step.items()[k];
                if (item != Draft.LOCAL) {
                    step.buffers()[k] = memory[item];
                    step.offsets()[k] = offsets[item];
                }
            }
            for (int k = 0; k < step.constants().length; k++) {
                int c = step.constants()[k];
                step.scalars()[k] = c < 0 ? 0 : constants.get(constantOf[c]);
            }
            long start = watch == null ? 0 : System.nanoTime();
            step.launch().run(step.buffers(), step.offsets(), step.scalars());
            if (watch != null) {
                watch.ran(step, System.nanoTime() - start);
            }
        }
        List<Value> results = new ArrayList<>(bases.length);
        for (int o = 0; o < bases.length; o++) {
            int base = bases[o];
            View view = views[o];
            if (leafOf[base] >= 0) {
                Value leaf = leaves.get(leafOf[base]);
                long offset = leaf.view().offset() + view.offset();
                results.add(new Value(leaf.buffer(), new View(view.shape(), view.strides(), offset)));
            } else {
                results.add(new Value(buffers[bufferOf[base]], view));
            }
        }
        // The buffers must not go back to the pool while launches work on their memory.
        Reference.reachabilityFence(leaves);
        Reference.reachabilityFence(buffers);
        return results;
    }
}
