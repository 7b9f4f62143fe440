package kawi.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import kawi.base.KawiException;
import kawi.base.Shape;

/**
 * Einstein's summation. Repeated letters of an operand become its diagonal; then two operands at a time become one by a batched
 * matrix product (or a plain product where nothing is summed), the pair first whose product is smallest; what is left
 * is summed and brought into order. Axes under an ellipsis are given letters of their own, counted from the last.
 */
final class Einsum {
    /** Letters of the axes that an ellipsis stands for: the last is this one, those before follow. */
    private static final int ELLIPSIS = 0x1000;

    private final String equation;
    private final List<Term> terms = new ArrayList<>();
    private final List<Integer> output;

    /** A tensor, and a letter for each of its axes. */
    private record Term(Tensor tensor, List<Integer> letters) {
        int extent(int letter) {
            return tensor.dim(letters.indexOf(letter));
        }

        Term summed(List<Integer> away) {
            int[] axes = away.stream().mapToInt(letters::indexOf).toArray();
            return axes.length == 0
                    ? this
                    : new Term(
                            tensor.sum(axes).to(tensor.dtype()),
                            letters.stream().filter(l -> !away.contains(l)).toList());
        }

        /** The axes in the order of other letters, with extent 1 where it has none. */
        Tensor aligned(List<Integer> wanted) {
            Tensor t = tensor.permute(wanted.stream()
                    .filter(letters::contains)
                    .mapToInt(letters::indexOf)
                    .toArray());
            for (int i = 0; i < wanted.size(); i++) {
                t = letters.contains(wanted.get(i)) ? t : t.unsqueeze(i);
            }
            return t;
        }
    }

    static Tensor of(String equation, Tensor... operands) {
        return new Einsum(equation, operands).result();
    }

    private Einsum(String equation, Tensor... operands) {
        this.equation = equation;
        String plain = equation.replace(" ", "");
        int arrow = plain.indexOf("->");
        String[] inputs = (arrow < 0 ? plain : plain.substring(0, arrow)).split(",", -1);
        if (inputs.length != operands.length || operands.length == 0) {
            throw wrong("it names %d operands, but %d were given".formatted(inputs.length, operands.length));
        }
        int deepest = 0;
        for (int i = 0; i < operands.length; i++) {
            Tensor x = operands[i];
            int named = inputs[i].replace("...", "").length();
            boolean open = inputs[i].contains("...");
            if (open ? x.rank() < named : x.rank() != named) {
                throw wrong(
                        "\"%s\" names %d axes, but operand %d has shape %s".formatted(inputs[i], named, i, x.shape()));
            }
            List<Integer> letters = letters(inputs[i], x.rank() - named);
            deepest = Math.max(deepest, open ? x.rank() - named : 0);
            terms.add(diagonals(new Term(x, letters), i));
        }
        output = arrow < 0 ? implicit(deepest) : letters(plain.substring(arrow + 2), deepest);
        check(arrow >= 0 && !plain.substring(arrow).contains("..."), deepest);
    }

    private KawiException wrong(String why) {
        return new KawiException("einsum \"%s\": %s".formatted(equation, why));
    }

    private List<Integer> letters(String subscripts, int under) {
        int at = subscripts.indexOf("...");
        List<Integer> letters = new ArrayList<>();
        for (int i = 0; i < subscripts.length(); i++) {
            if (i == at) {
                for (int k = under; k > 0; k--) {
                    letters.add(ELLIPSIS + k);
                }
                i += 2;
            } else {
                char c = subscripts.charAt(i);
                if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
                    throw wrong("'%c' is no axis; axes are letters, the others \"...\", operands stand apart by commas"
                            .formatted(c));
                }
                letters.add((int) c);
            }
        }
        return letters;
    }

    /** Without an arrow: what the ellipsis stands for, then the letters that occur once, in alphabetical order. */
    private List<Integer> implicit(int deepest) {
        TreeMap<Integer, Integer> times = new TreeMap<>();
        String plain = equation.replace(" ", "").replace("...", "");
        plain.chars().filter(c -> c != ',').forEach(c -> times.merge(c, 1, Integer::sum));
        List<Integer> out = new ArrayList<>(letters("...", deepest));
        times.forEach((letter, count) -> {
            if (count == 1) {
                out.add(letter);
            }
        });
        return out;
    }

    private void check(boolean ellipsisLeftOut, int deepest) {
        if (ellipsisLeftOut && deepest > 0) {
            throw wrong("the ellipsis stands for %d axes, which the result must name too".formatted(deepest));
        }
        if (new LinkedHashSet<>(output).size() != output.size()) {
            throw wrong("the result names an axis twice");
        }
        for (int letter : output) {
            if (terms.stream().noneMatch(t -> t.letters.contains(letter))) {
                throw wrong("the result names %s, which no operand has".formatted(name(letter)));
            }
        }
        TreeMap<Integer, Integer> extents = new TreeMap<>();
        for (Term t : terms) {
            for (int letter : t.letters) {
                int before = extents.getOrDefault(letter, 1);
                int now = t.extent(letter);
                if (before != 1 && now != 1 && before != now) {
                    throw wrong(
                            "%s has extent %d in one operand and %d in another".formatted(name(letter), before, now));
                }
                extents.put(letter, before == 1 ? now : before);
            }
        }
    }

    private static String name(int letter) {
        return letter > ELLIPSIS ? "an axis under \"...\"" : "axis '" + (char) letter + "'";
    }

    /** Of axes with one letter the diagonal. */
    private Term diagonals(Term term, int operand) {
        Term t = term;
        for (int i = 0; i < t.letters.size(); i++) {
            int letter = t.letters.get(i);
            int other = t.letters.lastIndexOf(letter);
            if (other != i) {
                if (t.tensor.dim(i) != t.tensor.dim(other)) {
                    throw wrong("axis '%c' has extents %d and %d in operand %d of shape %s"
                            .formatted(
                                    (char) letter, t.tensor.dim(i), t.tensor.dim(other), operand, term.tensor.shape()));
                }
                List<Integer> rest = new ArrayList<>(t.letters);
                rest.remove(other);
                rest.remove(i);
                rest.add(letter);
                t = new Term(Moving.diagonal(t.tensor, 0, i, other), rest);
                i = -1;
            }
        }
        return t;
    }

    private Tensor result() {
        while (terms.size() > 1) {
            int[] pair = cheapest();
            Term second = terms.remove(pair[1]);
            Term first = terms.remove(pair[0]);
            terms.add(product(first, second));
        }
        Term last = terms.getFirst();
        last = last.summed(
                last.letters.stream().filter(l -> !output.contains(l)).toList());
        return last.tensor.permute(
                output.stream().mapToInt(last.letters::indexOf).toArray());
    }

    /** The two terms whose product has the fewest elements more than they. */
    private int[] cheapest() {
        double least = Double.POSITIVE_INFINITY;
        int[] best = {0, 1};
        for (int i = 0; i < terms.size() && terms.size() > 2; i++) {
            for (int j = i + 1; j < terms.size(); j++) {
                Term a = terms.get(i);
                Term b = terms.get(j);
                double size = 1;
                for (int letter : both(a, b)) {
                    if (needed(letter, a, b)) {
                        size *= Math.max(
                                a.letters.contains(letter) ? a.extent(letter) : 1,
                                b.letters.contains(letter) ? b.extent(letter) : 1);
                    }
                }
                double more = size - a.tensor.size() - b.tensor.size();
                if (more < least) {
                    least = more;
                    best = new int[] {i, j};
                }
            }
        }
        return best;
    }

    private static Set<Integer> both(Term a, Term b) {
        Set<Integer> letters = new LinkedHashSet<>(a.letters);
        letters.addAll(b.letters);
        return letters;
    }

    /** Whether the result or another term has the letter. */
    private boolean needed(int letter, Term a, Term b) {
        return output.contains(letter) || terms.stream().anyMatch(t -> t != a && t != b && t.letters.contains(letter));
    }

    private Term product(Term first, Term second) {
        // extent 1 against more: the axis of 1 is dropped, so that it broadcasts
        Term a = dropOnes(first, second);
        Term b = dropOnes(second, first);
        Term fixedA = a;
        Term fixedB = b;
        a = a.summed(a.letters.stream()
                .filter(l -> !fixedB.letters.contains(l) && !needed(l, first, second))
                .toList());
        b = b.summed(b.letters.stream()
                .filter(l -> !fixedA.letters.contains(l) && !needed(l, first, second))
                .toList());
        List<Integer> batch = new ArrayList<>();
        List<Integer> over = new ArrayList<>();
        for (int letter : a.letters) {
            if (b.letters.contains(letter)) {
                (needed(letter, first, second) ? batch : over).add(letter);
            }
        }
        List<Integer> rows = a.letters.stream()
                .filter(l -> !batch.contains(l) && !over.contains(l))
                .toList();
        List<Integer> columns = b.letters.stream()
                .filter(l -> !batch.contains(l) && !over.contains(l))
                .toList();
        List<Integer> all = new ArrayList<>(batch);
        all.addAll(rows);
        all.addAll(columns);
        if (over.isEmpty()) {
            return new Term(a.aligned(all).mul(b.aligned(all)), all);
        }
        Tensor left = grouped(a, batch, rows, over);
        Tensor right = grouped(b, batch, over, columns);
        Term x = a;
        Term y = b;
        int[] shape = all.stream()
                .mapToInt(l -> x.letters.contains(l) ? x.extent(l) : y.extent(l))
                .toArray();
        return new Term(Shapes.reshape(left.matmul(right), Shape.of(shape)), all);
    }

    private static Term dropOnes(Term t, Term other) {
        List<Integer> away = t.letters.stream()
                .filter(l -> t.extent(l) == 1 && other.letters.contains(l) && other.extent(l) != 1)
                .toList();
        if (away.isEmpty()) {
            return t;
        }
        int[] kept = IntStream.range(0, t.letters.size())
                .filter(i -> !away.contains(t.letters.get(i)))
                .toArray();
        return new Term(
                Shapes.reshape(
                        t.tensor,
                        Shape.of(Arrays.stream(kept).map(t.tensor::dim).toArray())),
                Arrays.stream(kept).mapToObj(t.letters::get).toList());
    }

    /** The axes as three groups, each of them one axis. */
    private static Tensor grouped(Term t, List<Integer> a, List<Integer> b, List<Integer> c) {
        List<Integer> order = new ArrayList<>(a);
        order.addAll(b);
        order.addAll(c);
        int[] extents = new int[3];
        List<List<Integer>> groups = List.of(a, b, c);
        for (int i = 0; i < 3; i++) {
            extents[i] = groups.get(i).stream().mapToInt(t::extent).reduce(1, Math::multiplyExact);
        }
        return t.aligned(order).reshape(extents);
    }
}
