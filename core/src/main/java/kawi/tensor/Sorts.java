package kawi.tensor;

import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.Node;
import kawi.graph.Sorting;

/** Order along an axis and what follows from it: sorting, ranks, quantiles, different values, histograms. */
final class Sorts {
    private Sorts() {}

    static Tensor argsort(Tensor x, int axis, boolean descending) {
        return Tensor.of(Node.of(new Sorting.ArgSort(x.shape().axis(axis, "argsort"), descending), x.node()));
    }

    static Indexed sort(Tensor x, int axis, boolean descending) {
        Tensor order = argsort(x, axis, descending);
        return new Indexed(x.gather(axis, order), order);
    }

    static Indexed topk(Tensor x, int k, int axis, boolean largest) {
        int n = x.shape().dim(x.shape().axis(axis, "topk"));
        if (k < 0 || k > n) {
            throw new KawiException("topk: %d elements of axis %d of shape %s are asked for, which has %d"
                    .formatted(k, axis, x.shape(), n));
        }
        Tensor order = argsort(x, axis, largest).slice(axis, 0, k);
        return new Indexed(x.gather(axis, order), order);
    }

    static Indexed kthValue(Tensor x, int k, int axis) {
        int n = x.shape().dim(x.shape().axis(axis, "kthValue"));
        if (k < 1 || k > n) {
            throw new KawiException(
                    "kthValue: the %d. smallest of axis %d of shape %s is asked for; k runs from 1 to %d"
                            .formatted(k, axis, x.shape(), n));
        }
        Tensor order = argsort(x, axis, false).slice(axis, k - 1, k);
        return new Indexed(x.gather(axis, order).squeeze(axis), order.squeeze(axis));
    }

    // Quantiles

    /** The wanted axes brought to the end and taken as one, sorted. */
    private static Tensor sortedLast(Tensor tensor, String what, int... axes) {
        Tensor x = Arithmetic.real(tensor);
        int[] over = Reductions.axes(x, what, axes);
        Tensor last = Moving.moveAxes(
                x,
                over,
                java.util.stream.IntStream.range(x.rank() - over.length, x.rank())
                        .toArray());
        Tensor flat = over.length == 0 ? x.unsqueeze(-1) : last.flatten(x.rank() - over.length, -1);
        if (flat.dim(-1) == 0) {
            throw new KawiException("%s: there are no elements along axes %s of shape %s"
                    .formatted(what, java.util.Arrays.toString(over), x.shape()));
        }
        return sort(flat, -1, false).values();
    }

    /** Between two elements, as NumPy rounds it; a lower one that is met, and equal ones, are the result, infinite or not. */
    private static Tensor between(Tensor low, Tensor high, Tensor part) {
        Tensor step = high.sub(low);
        Tensor blend = Tensor.where(
                part.lt(0.5),
                low.add(step.mul(part)),
                high.sub(step.mul(part.neg().add(1))));
        Tensor infinite = low.mul(part.neg().add(1)).add(high.mul(part)); // without ∞ − ∞
        return Tensor.where(low.eq(high).or(part.eq(0)), low, Tensor.where(step.isInf(), infinite, blend));
    }

    static Tensor quantile(Tensor tensor, String what, double q, boolean skipNan, int... axes) {
        if (!(q >= 0 && q <= 1)) {
            throw new KawiException(what + ": the fraction lies in 0 to 1, but " + q + " was given");
        }
        Tensor s = sortedLast(tensor, what, axes);
        int n = s.dim(-1);
        if (skipNan) { // NaN stand last, so the numbers are the first of each line
            Tensor count = s.isNan().not().sumKeepDims(-1);
            Tensor top = count.sub(1).maximum(Tensor.zeros(DType.I64));
            Tensor position = top.to(DType.F64).mul(q);
            Tensor low = position.floor();
            Tensor part = position.sub(low).to(s.dtype());
            Tensor place = low.to(DType.I64);
            Tensor next = place.add(1).minimum(top);
            return between(s.gather(-1, place), s.gather(-1, next), part).squeeze(-1);
        }
        double position = q * (n - 1);
        int low = (int) position;
        Tensor part = Tensor.scalar(position - low, s.dtype());
        Tensor value = between(s.select(-1, low), s.select(-1, Math.min(low + 1, n - 1)), part);
        return Tensor.where(s.select(-1, n - 1).isNan(), Tensor.scalar(Double.NaN, s.dtype()), value);
    }

    // Different values

    static Unique unique(Tensor x) {
        Tensor flat = x.flatten();
        Indexed sorted = sort(flat, 0, false);
        return groups(x.shape(), sorted.values(), sorted.indices());
    }

    static Unique uniqueConsecutive(Tensor x) {
        return groups(x.shape(), x.flatten(), Tensor.arange(Math.toIntExact(x.size())));
    }

    /** Runs of equal elements, NaN counted as equal; {@code order} says which element of the tensor each is. */
    private static Unique groups(Shape shape, Tensor x, Tensor order) {
        int n = x.dim(0);
        Tensor before = x.slice(0, 0, Math.max(0, n - 1));
        Tensor after = x.slice(0, 1, n);
        Tensor differs = before.ne(after).and(before.isNan().and(after.isNan()).not());
        Tensor starts = n == 0 ? Tensor.zeros(DType.BOOL, 0) : Tensor.concat(0, Tensor.ones(DType.BOOL, 1), differs);
        Tensor first = Selection.nonzero(starts).squeeze(1);
        Tensor group = starts.cumsum(0).sub(1);
        Tensor inverse = Tensor.zeros(DType.I64, n).scatterAdd(0, order, group);
        Tensor ends = Tensor.concat(0, first, Tensor.full(n, DType.I64, 1));
        return new Unique(x.take(0, first), Shapes.reshape(inverse, shape), Scans.diff(ends, 1, 0));
    }

    /**
     * How many sorted elements stand before each value: both in one stable order, in which a value counts the sorted
     * elements so far.
     */
    static Tensor searchSorted(Tensor sorted, Tensor values, boolean right) {
        if (sorted.rank() == 1 && values.rank() != 1) {
            return searchSorted(sorted, values.flatten(), right)
                    .reshape(values.shape().dims());
        }
        int last = sorted.rank() - 1;
        if (sorted.rank() == 0
                || values.rank() != sorted.rank()
                || !values.shape().with(last, 0).equals(sorted.shape().with(last, 0))) {
            throw new KawiException(
                    "searchSorted: values of shape %s do not fit sorted lines of shape %s; one line, or all but the last extent alike, is needed"
                            .formatted(values.shape(), sorted.shape()));
        }
        int n = sorted.dim(-1);
        int m = values.dim(-1);
        Tensor both = right ? Tensor.concat(-1, sorted, values) : Tensor.concat(-1, values, sorted);
        Tensor order = both.argsort(-1);
        Tensor isSorted = right ? order.lt(n) : order.ge(m);
        Tensor counts = isSorted.cumsum(-1);
        int from = right ? n : 0;
        return counts.gather(-1, order.argsort(-1).slice(-1, from, from + m));
    }

    static Tensor isIn(Tensor x, Tensor values) {
        return x.unsqueeze(-1).eq(values.flatten()).any(-1);
    }

    // Counting

    static Tensor bincount(Tensor x, Tensor weights, int minLength) {
        if (!x.dtype().isInteger() || x.rank() != 1) {
            throw new KawiException("bincount: a vector of integers is needed, but %s was given".formatted(x.type()));
        }
        int length = minLength;
        for (long v : x.toLongArray()) {
            if (v < 0 || v >= Integer.MAX_VALUE) {
                throw new KawiException("bincount: numbers from 0 on are counted, but one is " + v);
            }
            length = Math.max(length, (int) v + 1);
        }
        return Tensor.zeros(weights.dtype(), length).scatterAdd(0, x.to(DType.I64), weights);
    }

    static Tensor histogram(Tensor tensor, int bins, double low, double high) {
        if (bins < 1 || !(low < high) || Double.isInfinite(high - low)) {
            throw new KawiException(
                    "histogram: bins ≥ 1 and finite low < high are needed, but %d bins from %s to %s were given"
                            .formatted(bins, low, high));
        }
        Tensor x = tensor.flatten().to(DType.F64);
        Tensor edges =
                Tensor.arange(bins + 1).to(DType.F64).mul((high - low) / bins).add(low);
        edges = Tensor.concat(0, edges.slice(0, 0, bins), Tensor.full(high, DType.F64, 1));
        Tensor bin = searchSorted(edges, x, true).sub(1);
        bin = Tensor.where(x.eq(high), Tensor.scalar(bins - 1, DType.I64), bin);
        // what lies outside is counted in one bin more, which is left out
        Tensor inside = x.ge(low).and(x.le(high));
        bin = Tensor.where(inside, bin, Tensor.scalar(bins, DType.I64));
        return Tensor.zeros(DType.I64, bins + 1)
                .scatterAdd(0, bin, inside.to(DType.I64))
                .slice(0, 0, bins);
    }
}
