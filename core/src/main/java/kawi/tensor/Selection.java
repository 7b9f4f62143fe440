package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.HostArray;

/**
 * Indexing with NumPy's brackets. Places, ranges and new axes are views; tensors of places become one {@code take} along their
 * axes taken as one. What is to be written goes the same way: the numbers of the elements, indexed alike, say where.
 */
final class Selection {
    private Selection() {}

    /** An integer tensor that stands for an axis of the view. */
    private record Places(int axis, Tensor index) {}

    static Tensor index(Tensor x, Index... at) {
        List<Index> entries = entries(x, at);
        boolean advanced = entries.stream().anyMatch(e -> e instanceof Tensor);
        List<Places> places = new ArrayList<>();
        Tensor y = x;
        int axis = 0;
        for (Index entry : entries) {
            switch (entry) {
                case Index.Marker marker -> y = y.unsqueeze(axis++);
                case Index.Range r -> y = range(y, axis++, r);
                case Index.At p when !advanced -> y = y.select(axis, p.place());
                case Index.At p -> places.add(new Places(axis, place(y, axis++, p.place())));
                case Tensor t when t.dtype() != DType.BOOL -> places.add(new Places(axis, normal(y, axis++, t)));
                case Tensor mask
                when mask.rank() == 0 -> {
                    y = y.unsqueeze(axis); // as NumPy: an axis of extent 1 or 0
                    places.add(new Places(axis++, Tensor.zeros(DType.I64, (int) mask.item())));
                }
                case Tensor mask -> {
                    Tensor found = nonzero(maskOf(y, axis, mask));
                    for (int i = 0; i < mask.rank(); i++) {
                        places.add(new Places(axis++, found.select(1, i)));
                    }
                }
            }
        }
        return advanced ? taken(y, places) : y;
    }

    /** The entries for all axes: the ellipsis spelt out. */
    private static List<Index> entries(Tensor x, Index... at) {
        int named = 0;
        for (Index entry : at) {
            named += switch (entry) {
                case Index.Marker marker -> 0;
                case Tensor t -> t.dtype() == DType.BOOL ? t.rank() : 1;
                case Index.At p -> 1;
                case Index.Range r -> 1;
            };
        }
        if (named > x.rank()) {
            throw new KawiException(
                    "index: %d axes are indexed, but shape %s has %d".formatted(named, x.shape(), x.rank()));
        }
        List<Index> all = new ArrayList<>();
        boolean open = true;
        for (Index entry : at) {
            if (entry == Index.ELLIPSIS) {
                if (!open) {
                    throw new KawiException("index: the ellipsis stands twice in " + Arrays.toString(at)
                            + "; which axes each means cannot be told");
                }
                open = false;
                all.addAll(java.util.Collections.nCopies(x.rank() - named, Index.ALL));
            } else {
                all.add(entry);
            }
        }
        if (open) {
            all.addAll(java.util.Collections.nCopies(x.rank() - named, Index.ALL));
        }
        return all;
    }

    private static Tensor range(Tensor y, int axis, Index.Range r) {
        boolean back = r.step() < 0;
        Integer from = r.from();
        Integer to = r.to();
        return y.slice(
                axis,
                from != null ? from : back ? Integer.MAX_VALUE : 0,
                to != null ? to : back ? Integer.MIN_VALUE : Integer.MAX_VALUE,
                r.step());
    }

    private static Tensor place(Tensor y, int axis, int place) {
        int n = y.dim(axis);
        if (place < -n || place >= n) {
            throw outside(y, axis, place);
        }
        return Tensor.scalar(place < 0 ? place + n : place, DType.I64);
    }

    private static KawiException outside(Tensor y, int axis, long place) {
        return new KawiException("index: place %d lies outside axis %d of shape %s, whose places run from %d to %d"
                .formatted(place, axis, y.shape(), -y.dim(axis), y.dim(axis) - 1));
    }

    /** Places counted from the front; those known already are checked now, others when they are read. */
    private static Tensor normal(Tensor y, int axis, Tensor index) {
        if (!index.dtype().isInteger()) {
            throw new KawiException(
                    "index: places are integers and masks truth values, but %s was given; cast it with .to(DType.I64)"
                            .formatted(index.type()));
        }
        int n = y.dim(axis);
        if (index.node().value() != null && !Jit.recording()) {
            for (long p : index.toLongArray()) {
                if (p < -n || p >= n) {
                    throw outside(y, axis, p);
                }
            }
        }
        Tensor i = index.to(DType.I64);
        return Tensor.where(i.lt(0), i.add(n), i);
    }

    private static Tensor maskOf(Tensor y, int axis, Tensor mask) {
        for (int i = 0; i < mask.rank(); i++) {
            if (mask.dim(i) != y.dim(axis + i)) {
                throw new KawiException("index: a mask of shape %s does not fit axes %d to %d of shape %s"
                        .formatted(mask.shape(), axis, axis + mask.rank() - 1, y.shape()));
            }
        }
        return mask;
    }

    /** Elements at places along several axes at once; the places' own axes stand where the first was, or in front if apart. */
    private static Tensor taken(Tensor y, List<Places> places) {
        Shape broadcast = Shape.SCALAR;
        for (Places p : places) {
            Shape s = Shape.broadcast(broadcast, p.index.shape());
            if (s == null) {
                throw new KawiException("index: places of shapes %s do not broadcast against each other"
                        .formatted(places.stream().map(q -> q.index.shape()).toList()));
            }
            broadcast = s;
        }
        int first = places.getFirst().axis;
        int count = places.size();
        boolean together = places.getLast().axis == first + count - 1;
        List<Integer> order = new ArrayList<>();
        places.forEach(p -> order.add(p.axis));
        IntStream.range(0, y.rank()).filter(a -> !order.contains(a)).forEach(order::add);
        Tensor front = y.permute(ints(order));
        Tensor linear = Tensor.zeros(DType.I64, broadcast.dims());
        Tensor inside = Tensor.full(1, DType.BOOL, broadcast.dims());
        for (Places p : places) {
            int n = y.dim(p.axis);
            linear = linear.mul(n).add(p.index);
            inside = inside.and(p.index.ge(0)).and(p.index.lt(n));
        }
        if (count > 1) { // one place beyond its axis must not become another's
            linear = Tensor.where(inside, linear, Arithmetic.number(-1, linear));
        }
        Tensor result = Shapes.flatten(front, 0, count - 1).take(0, linear);
        if (!together || first == 0) {
            return result;
        }
        int r = broadcast.rank();
        List<Integer> back =
                new ArrayList<>(IntStream.range(r, r + first).boxed().toList());
        IntStream.range(0, r).forEach(back::add);
        IntStream.range(r + first, result.rank()).forEach(back::add);
        return result.permute(ints(back));
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    // Places of true values: shapes that depend on values, so these read.

    static Tensor nonzero(Tensor x) {
        HostArray h = Reading.host(x.to(DType.BOOL));
        int rank = x.rank();
        int count = (int)
                IntStream.range(0, h.size()).filter(i -> h.getLong(i) != 0).count();
        long[] strides = x.shape().rowMajorStrides();
        long[] places = new long[count * rank];
        int at = 0;
        for (int i = 0; i < h.size(); i++) {
            if (h.getLong(i) != 0) {
                for (int a = 0; a < rank; a++) {
                    places[at++] = i / strides[a] % x.dim(a);
                }
            }
        }
        return Tensor.of(places, count, rank);
    }

    static Tensor maskedSelect(Tensor x, Tensor mask) {
        Shape s = Shape.broadcast(x.shape(), mask.shape());
        if (s == null) {
            throw new KawiException(
                    "maskedSelect: a mask of shape %s does not broadcast with %s".formatted(mask.shape(), x.shape()));
        }
        Tensor found = nonzero(mask.expand(s.dims()).flatten()).squeeze(1);
        return x.expand(s.dims()).flatten().take(0, found);
    }

    // Writing: a new tensor, of which some elements come from elsewhere

    static Tensor put(Tensor x, Tensor values, Index... at) {
        boolean once = Arrays.stream(at).noneMatch(i -> i instanceof Tensor t && t.dtype() != DType.BOOL);
        return put("indexPut", x, index(numbers(x), at), values, once);
    }

    static Tensor add(Tensor x, Tensor values, Index... at) {
        Tensor places = index(numbers(x), at);
        Tensor added = fitting("indexAdd", x, places, values);
        return x.flatten()
                .scatterAdd(0, places.flatten(), added.flatten())
                .reshape(x.shape().dims());
    }

    static Tensor scatter(Tensor x, int axis, Tensor index, Tensor values) {
        return put("scatter", x, Tensor.of(numbers(x).node()).gather(axis, index), values, false);
    }

    /** The number of each element. */
    private static Tensor numbers(Tensor x) {
        return Tensor.arange(Math.toIntExact(x.size())).reshape(x.shape().dims());
    }

    private static Tensor fitting(String what, Tensor x, Tensor places, Tensor values) {
        if (!Objects.equals(Shape.broadcast(places.shape(), values.shape()), places.shape())) {
            throw new KawiException("%s: values of shape %s do not broadcast to the %s places chosen of shape %s"
                    .formatted(what, values.shape(), places.shape(), x.shape()));
        }
        return values.to(x.dtype()).expand(places.shape().dims());
    }

    /**
     * Old and new elements one after another, and for each place the number of the one that stands there now: the last
     * that was written to it, found by a stable order of the places.
     */
    private static Tensor put(String what, Tensor x, Tensor places, Tensor values, boolean once) {
        Tensor fresh = fitting(what, x, places, values).flatten();
        Tensor to = places.flatten();
        int n = Math.toIntExact(x.size());
        int m = Math.toIntExact(to.size());
        if (m == 0) {
            return x.unchanging();
        }
        Tensor order = once ? Tensor.arange(m) : to.argsort(0);
        Tensor sorted = once ? to : to.take(0, order);
        Tensor mark = order.add(1);
        if (!once && m > 1) {
            Tensor last =
                    Tensor.concat(0, sorted.slice(0, 1, m).ne(sorted.slice(0, 0, m - 1)), Tensor.ones(DType.BOOL, 1));
            mark = Tensor.where(last, mark, Tensor.zeros(DType.I64));
        }
        Tensor writer = Tensor.zeros(DType.I64, n).scatterAdd(0, sorted, mark);
        Tensor source = Tensor.where(writer.gt(0), writer.add(n - 1.0), Tensor.arange(n));
        return Tensor.concat(0, x.flatten(), fresh)
                .take(0, source)
                .reshape(x.shape().dims());
    }
}
