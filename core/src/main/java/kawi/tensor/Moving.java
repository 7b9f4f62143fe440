package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Graph;
import kawi.graph.Movement;
import kawi.graph.Node;

/** Elements elsewhere: axes moved, lines rolled and repeated, tensors cut, diagonals and triangles, windows. */
final class Moving {
    private Moving() {}

    static Tensor moveAxes(Tensor x, int[] from, int[] to) {
        if (from.length != to.length) {
            throw new KawiException("moveAxis: %d axes cannot move to %d places".formatted(from.length, to.length));
        }
        Integer[] order = new Integer[x.rank()];
        List<Integer> others =
                new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
        for (int i = 0; i < from.length; i++) {
            Integer axis = x.shape().axis(from[i], "moveAxis");
            int place = x.shape().axis(to[i], "moveAxis");
            if (!others.remove(axis) || order[place] != null) {
                throw new KawiException("moveAxis: axes %s to %s name an axis twice"
                        .formatted(Arrays.toString(from), Arrays.toString(to)));
            }
            order[place] = axis;
        }
        for (int i = 0; i < order.length; i++) {
            order[i] = order[i] == null ? others.removeFirst() : order[i];
        }
        return x.permute(Arrays.stream(order).mapToInt(Integer::intValue).toArray());
    }

    static Tensor unflatten(Tensor x, int axis, int... extents) {
        int a = x.shape().axis(axis, "unflatten");
        int[] parts = extents.clone();
        int known = Arrays.stream(parts).filter(e -> e >= 0).reduce(1, (p, q) -> p * q);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i] == -1 && known > 0 ? x.dim(a) / known : parts[i];
        }
        if (Shape.of(parts).size() != x.dim(a)) {
            throw new KawiException("unflatten: axis %d of shape %s does not divide into %s"
                    .formatted(a, x.shape(), Arrays.toString(extents)));
        }
        Shape s = x.shape().without(a, a + 1);
        for (int i = 0; i < parts.length; i++) {
            s = s.inserted(a + i, parts[i]);
        }
        return Shapes.reshape(x, s);
    }

    static Tensor roll(Tensor x, int shift, int axis) {
        int a = x.shape().axis(axis, "roll");
        int n = x.dim(a);
        int s = n == 0 ? 0 : Math.floorMod(shift, n);
        return s == 0 ? x.unchanging() : Tensor.concat(a, x.slice(a, n - s, n), x.slice(a, 0, n - s));
    }

    static Tensor rot90(Tensor x, int times, int first, int second) {
        Tensor swapped = x.transpose(first, second);
        return switch (Math.floorMod(times, 4)) {
            case 0 -> x.unchanging();
            case 1 -> swapped.flip(first);
            case 2 -> x.flip(first).flip(second);
            default -> swapped.flip(second);
        };
    }

    /** NumPy's tile: the shapes are aligned at the last axis. */
    static Tensor tile(Tensor x, int... times) {
        int rank = Math.max(x.rank(), times.length);
        int[] apart = new int[2 * rank];
        int[] grown = new int[2 * rank];
        int[] whole = new int[rank];
        for (int i = 0; i < rank; i++) {
            int axis = i - (rank - x.rank());
            int t = i - (rank - times.length);
            apart[2 * i] = 1;
            apart[2 * i + 1] = axis < 0 ? 1 : x.dim(axis);
            grown[2 * i] = t < 0 ? 1 : times[t];
            grown[2 * i + 1] = apart[2 * i + 1];
            whole[i] = Math.multiplyExact(grown[2 * i], grown[2 * i + 1]);
        }
        return x.reshape(apart).expand(grown).reshape(whole);
    }

    static Tensor repeatInterleave(Tensor x, int times, int axis) {
        int a = x.shape().axis(axis, "repeatInterleave");
        Shape s = x.shape();
        return Shapes.reshape(
                x.unsqueeze(a + 1).expand(s.inserted(a + 1, times).dims()),
                s.with(a, Math.multiplyExact(s.dim(a), times)));
    }

    /** Each element its own number of times; that number is read, for the shape depends on it. */
    static Tensor repeatInterleave(Tensor x, Tensor times, int axis) {
        int a = x.shape().axis(axis, "repeatInterleave");
        long[] counts = times.toLongArray();
        if (times.rank() != 1
                || counts.length != x.dim(a)
                || Arrays.stream(counts).anyMatch(c -> c < 0)) {
            throw new KawiException("repeatInterleave: axis %d of shape %s needs %d counts from 0 on, but %s was given"
                    .formatted(a, x.shape(), x.dim(a), times));
        }
        long[] places = IntStream.range(0, counts.length)
                .mapToObj(i -> IntStream.range(0, Math.toIntExact(counts[i])).mapToLong(k -> i))
                .flatMapToLong(s -> s)
                .toArray();
        return x.take(a, Tensor.of(places));
    }

    static List<Tensor> split(Tensor x, int axis, int... sizes) {
        int a = x.shape().axis(axis, "split");
        if (Arrays.stream(sizes).asLongStream().sum() != x.dim(a)
                || Arrays.stream(sizes).anyMatch(s -> s < 0)) {
            throw new KawiException("split: parts of %s do not make up axis %d of shape %s"
                    .formatted(Arrays.toString(sizes), a, x.shape()));
        }
        List<Tensor> parts = new ArrayList<>();
        int from = 0;
        for (int size : sizes) {
            parts.add(x.slice(a, from, from + size));
            from += size;
        }
        return parts;
    }

    /** Parts of ⌈n/parts⌉, the last perhaps smaller, as PyTorch's chunk. */
    static List<Tensor> chunk(Tensor x, int parts, int axis) {
        int n = x.shape().dim(x.shape().axis(axis, "chunk"));
        if (parts < 1) {
            throw new KawiException("chunk: at least 1 part is needed, but " + parts + " was given");
        }
        int size = Math.max(1, Math.ceilDiv(n, parts));
        int count = Math.max(1, Math.ceilDiv(n, size));
        return split(
                x,
                axis,
                IntStream.range(0, count).map(i -> Math.min(size, n - i * size)).toArray());
    }

    static List<Tensor> unbind(Tensor x, int axis) {
        int n = x.shape().dim(x.shape().axis(axis, "unbind"));
        return IntStream.range(0, n).mapToObj(i -> x.select(axis, i)).toList();
    }

    /** The coordinates of a grid, the first along the first axis ({@code indexing="ij"}). */
    static List<Tensor> meshgrid(Tensor... lines) {
        int[] shape = Arrays.stream(lines)
                .mapToInt(t -> Math.toIntExact(t.flatten().size()))
                .toArray();
        List<Tensor> grids = new ArrayList<>();
        for (int i = 0; i < lines.length; i++) {
            int[] one = new int[lines.length];
            Arrays.fill(one, 1);
            one[i] = shape[i];
            grids.add(lines[i].reshape(one).expand(shape));
        }
        return grids;
    }

    // Diagonals and triangles

    private static void needMatrix(String what, Tensor x) {
        if (x.rank() < 2) {
            throw new KawiException(
                    "%s: at least two axes are needed, but shape %s has %d".formatted(what, x.shape(), x.rank()));
        }
    }

    /** Row, column, count and step within the matrix's elements of a diagonal of an m × n matrix. */
    private static int[] diagonalOf(int m, int n, int offset) {
        int row = Math.clamp(-(long) offset, 0, m);
        int column = Math.clamp(offset, 0, n);
        return new int[] {row * n + column, Math.max(0, Math.min(m - row, n - column)), n + 1};
    }

    static Tensor diagonal(Tensor x, int offset, int first, int second) {
        needMatrix("diagonal", x);
        Tensor last = moveAxes(x, new int[] {first, second}, new int[] {-2, -1});
        int[] d = diagonalOf(last.dim(-2), last.dim(-1), offset);
        int[] start = new int[x.rank() - 1];
        int[] step = new int[x.rank() - 1];
        Tensor flat = last.flatten(-2, -1);
        int[] count = flat.shape().dims();
        Arrays.fill(step, 1);
        start[start.length - 1] = d[1] == 0 ? 0 : d[0];
        step[start.length - 1] = d[1] < 2 ? 1 : d[2];
        count[start.length - 1] = d[1];
        return Tensor.of(Graph.slice(flat.node(), start, step, count));
    }

    static Tensor diagEmbed(Tensor x, int offset) {
        if (x.rank() == 0) {
            throw new KawiException("diagEmbed: a diagonal has an axis, but this is one number");
        }
        long rows = x.dim(-1) + Math.abs((long) offset);
        if (rows * rows > Integer.MAX_VALUE) {
            throw new KawiException(
                    "diagEmbed: a diagonal of %d numbers at offset %d makes a matrix of %d rows and columns, too many"
                            .formatted(x.dim(-1), offset, rows));
        }
        int n = (int) rows;
        int[] d = diagonalOf(n, n, offset);
        int[] start = new int[x.rank()];
        int[] step = new int[x.rank()];
        Arrays.fill(step, 1);
        start[start.length - 1] = d[1] == 0 ? 0 : d[0];
        step[start.length - 1] = d[1] < 2 ? 1 : d[2];
        Shape whole = x.shape().with(x.rank() - 1, n * n);
        Tensor flat = Tensor.of(Node.of(new Movement.Embed(Joining.list(start), Joining.list(step), whole), x.node()));
        return unflatten(flat, -1, n, n);
    }

    static Tensor diag(Tensor x, int offset) {
        return x.rank() == 1 ? diagEmbed(x, offset) : diagonal(x, offset, -2, -1);
    }

    /** The lower triangle up to a diagonal, or the upper from one on; zeros elsewhere. */
    static Tensor triangle(Tensor x, int offset, boolean lower) {
        needMatrix(lower ? "tril" : "triu", x);
        int r = x.rank();
        Tensor row = Tensor.of(Graph.iota(DType.I64, x.shape(), r - 2));
        Tensor column = Tensor.of(Graph.iota(DType.I64, x.shape(), r - 1));
        Tensor above = column.sub(row);
        return Tensor.where(lower ? above.le(offset) : above.ge(offset), x, Tensor.zeros(x.dtype()));
    }

    // Windows and borders

    static Tensor unfold(Tensor x, int axis, int size, int step) {
        int a = x.shape().axis(axis, "unfold");
        int n = x.dim(a);
        if (size < 0 || size > n || step < 1) {
            throw new KawiException("unfold: windows of %d in steps of %d do not fit axis %d of shape %s"
                    .formatted(size, step, a, x.shape()));
        }
        int windows = (n - size) / step + 1;
        Tensor places = Tensor.arange(windows).mul(step).unsqueeze(1).add(Tensor.arange(size));
        return moveAxes(x.take(a, places), new int[] {a + 1}, new int[] {-1});
    }

    static Tensor pad(Tensor x, int axis, int before, int after, Padding mode) {
        int a = x.shape().axis(axis, "pad");
        int n = x.dim(a);
        int most = switch (mode) {
            case REFLECT -> n - 1;
            case CIRCULAR -> n;
            case REPLICATE -> n == 0 ? 0 : Integer.MAX_VALUE;
        };
        if (before < 0 || after < 0 || before > most || after > most) {
            throw new KawiException("pad: %d and %d elements cannot be added by %s to axis %d of shape %s"
                    .formatted(before, after, mode, a, x.shape()));
        }
        long[] places = IntStream.range(-before, n + after)
                .mapToLong(i -> switch (mode) {
                    case REFLECT -> i < 0 ? -i : i < n ? i : 2 * n - 2 - i;
                    case CIRCULAR -> Math.floorMod(i, n);
                    case REPLICATE -> Math.clamp(i, 0, n - 1);
                })
                .toArray();
        return x.take(a, Tensor.of(places));
    }
}
