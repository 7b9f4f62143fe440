package kawi.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.base.Shape;
import kawi.graph.HostArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Einstein's summation against a loop over all values of all letters. Numbers are whole and small, so all sums are exact. */
class EinsumTest {
    private static final int STRINGS = 10_000;
    private static final long SEED = 20261121;

    /** Operands by their letters; those of an ellipsis are '0' and '1', from the last axis on. */
    private record Case(String equation, List<String> letters, String output, List<Tensor> operands) {
        @Override
        public String toString() {
            return equation + " of " + operands.stream().map(Tensor::type).toList();
        }
    }

    private static Case random(Random random) {
        Map<Character, Integer> extents = new TreeMap<>();
        for (char c : "abcdeXY01".toCharArray()) {
            extents.put(c, random.nextInt(30) == 0 ? 0 : 1 + random.nextInt(3));
        }
        int count = 1 + random.nextInt(4);
        int deepest = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0;
        List<String> letters = new ArrayList<>();
        List<String> written = new ArrayList<>();
        List<Tensor> operands = new ArrayList<>();
        DType type = random.nextBoolean() ? DType.F64 : DType.I64;
        int present = 0;
        for (int i = 0; i < count; i++) {
            StringBuilder name = new StringBuilder();
            int rank = random.nextInt(4);
            for (int k = 0; k < rank; k++) {
                name.append("abcdeXY".charAt(random.nextInt(count == 1 ? 3 : 7)));
            }
            String text = name.toString();
            if (deepest > 0 && random.nextInt(4) > 0) {
                int under = random.nextInt(deepest + 1);
                present = Math.max(present, under);
                int at = random.nextInt(rank + 1);
                text = name.substring(0, at) + "..." + name.substring(at);
                name.insert(at, "10".substring(2 - under));
            }
            int[] shape = new int[name.length()];
            for (int k = 0; k < shape.length; k++) {
                char c = name.charAt(k);
                boolean once = name.indexOf("" + c) == name.lastIndexOf("" + c);
                shape[k] = once && random.nextInt(6) == 0 ? 1 : extents.get(c);
            }
            double[] values =
                    random.ints(Shape.of(shape).size(), -3, 4).asDoubleStream().toArray();
            operands.add(Tensor.of(values).reshape(shape).to(type).realized());
            letters.add(name.toString());
            written.add(text);
        }
        List<Character> distinct = new ArrayList<>();
        String.join("", letters).chars().distinct().sorted().forEach(c -> distinct.add((char) c));
        String under = "10".substring(2 - present);
        StringBuilder output = new StringBuilder();
        String equation = String.join(",", written);
        if (random.nextInt(3) == 0) {
            output.append(under);
            String all = String.join("", written);
            for (char c : distinct) {
                if (Character.isLetter(c) && all.indexOf(c) == all.lastIndexOf(c)) {
                    output.append(c);
                }
            }
        } else {
            Collections.shuffle(distinct, random);
            for (char c : distinct) {
                if (Character.isLetter(c) && random.nextBoolean()) {
                    output.append(c);
                }
            }
            int at = random.nextInt(output.length() + 1);
            boolean dots = equation.contains("...");
            equation += (random.nextBoolean() ? "->" : " -> ")
                    + output.substring(0, at)
                    + (dots ? "..." : "")
                    + output.substring(at);
            output.insert(at, under);
        }
        return new Case(equation, letters, output.toString(), operands);
    }

    /** Σ over all letters of the product of the operands' elements. */
    private static HostArray naive(Case c, DType type) {
        Map<Character, Integer> extents = new TreeMap<>();
        for (int i = 0; i < c.letters.size(); i++) {
            for (int k = 0; k < c.letters.get(i).length(); k++) {
                extents.merge(c.letters.get(i).charAt(k), c.operands.get(i).dim(k), (x, y) -> x == 1 ? y : x);
            }
        }
        List<Character> all = new ArrayList<>(extents.keySet());
        int[] counts = all.stream().mapToInt(extents::get).toArray();
        int[] result = c.output.chars().map(l -> extents.get((char) l)).toArray();
        HostArray out = new HostArray(new kawi.graph.Type(type, Shape.of(result)));
        List<HostArray> in = c.operands.stream().map(OpSamples::read).toList();
        int total = (int) Shape.of(counts).size();
        for (int n = 0; n < total; n++) {
            Map<Character, Integer> at = new TreeMap<>();
            int rest = n;
            for (int i = counts.length - 1; i >= 0; i--) {
                at.put(all.get(i), rest % counts[i]);
                rest /= counts[i];
            }
            double product = 1;
            for (int i = 0; i < in.size(); i++) {
                product *= in.get(i).getDouble(place(c.letters.get(i), in.get(i).shape(), at));
            }
            int to = place(c.output, out.shape(), at);
            out.set(to, out.getDouble(to) + product);
        }
        return out;
    }

    private static int place(String letters, Shape shape, Map<Character, Integer> at) {
        int place = 0;
        for (int k = 0; k < letters.length(); k++) {
            place = place * shape.dim(k) + (shape.dim(k) == 1 ? 0 : at.get(letters.charAt(k)));
        }
        return place;
    }

    @Test
    void randomStrings() {
        System.out.printf("einsum: %d strings from seed %d%n", STRINGS, SEED);
        Random random = new Random(SEED);
        for (int i = 0; i < STRINGS; i++) {
            Case c = random(random);
            Tensor y = Tensor.einsum(c.equation, c.operands.toArray(Tensor[]::new));
            HostArray wanted = naive(c, y.dtype());
            // the meaning of what was recorded, and now and then what the engine makes of it
            HostArray got = i % 25 == 0 ? OpSamples.read(y) : new Interpreter().evaluate(y);
            assertThat(got.type()).as("%d: %s", i, c).isEqualTo(wanted.type());
            for (int k = 0; k < wanted.size(); k++) {
                assertThat(got.getDouble(k))
                        .as("%d: %s, element %d", i, c, k)
                        .isEqualTo(wanted.getDouble(k), org.assertj.core.api.Assertions.within(0.0));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ij,jk    | names 2 operands, but 1 were given
            ijk      | names 3 axes, but operand 0 has shape [2, 3]
            ...ijk   | names 3 axes, but operand 0 has shape [2, 3]
            ij->ik   | the result names axis 'k', which no operand has
            ij->ii   | the result names an axis twice
            i1       | '1' is no axis
            ii       | axis 'i' has extents 2 and 3 in operand 0
            i...->i  | the ellipsis stands for 1 axes, which the result must name too
            """)
    void mistakes(String equation, String why) {
        assertThatThrownBy(() -> Tensor.einsum(equation, Tensor.zeros(2, 3)))
                .isInstanceOf(KawiException.class)
                .hasMessageContaining("einsum \"" + equation + "\"")
                .hasMessageContaining(why);
        assertThatThrownBy(() -> Tensor.einsum("ij,ij", Tensor.zeros(2, 3), Tensor.zeros(2, 4)))
                .hasMessageContaining("axis 'j' has extent 3 in one operand and 4 in another");
    }
}
