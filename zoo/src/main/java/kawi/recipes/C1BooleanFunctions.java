package kawi.recipes;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import kawi.base.DType;
import kawi.classic.McCullochPitts;
import kawi.classic.Perceptron;
import kawi.classic.Separability;
import kawi.tensor.Tensor;

/**
 * What one unit can decide. Of the 16 Boolean functions of two inputs a perceptron learns 14. For XOR and XNOR there is a proof that no line does: a
 * point that lies between the inputs with 1 and between those with 0 at once, so that a line would have it on both sides (Minsky and Papert 1969). Two
 * layers of McCulloch-Pitts units compute every function of n inputs.
 */
final class C1BooleanFunctions implements Demonstration {
    private static final int INPUTS = 3;

    @Override
    public String id() {
        return "C1";
    }

    @Override
    public String sentence() {
        return "one perceptron learns 14 of the 16 functions of two inputs; XOR and XNOR provably take two layers, which compute every function";
    }

    @Override
    public void run(Report report) {
        Tensor x = rows(2);
        int learnt = 0;
        int proven = 0;
        int bothAgree = 0;
        List<Integer> impossible = new ArrayList<>();
        for (int function = 0; function < 16; function++) {
            Tensor y = outputs(function, 2);
            if (function == 0 || function == 15) {
                // Constant: a unit without weights, whose threshold is out of reach or always reached.
                McCullochPitts unit =
                        new McCullochPitts(Tensor.zeros(1, 2), Tensor.of(new float[] {function == 0 ? 1 : 0}));
                learnt += unit.forward(x).squeeze(1).allEqual(y) ? 1 : 0;
                bothAgree++;
                continue;
            }
            Perceptron perceptron = Perceptron.fit(x, y, 100);
            if (perceptron.separates()) {
                learnt++;
                double[] w = perceptron.weights().toDoubleArray();
                report.say(
                        "%s  a unit with weights (%.0f, %.0f) and threshold %.0f, after %d mistakes",
                        table(y), w[0], w[1], -perceptron.bias(), perceptron.mistakes());
            }
            switch (Separability.of(x, y)) {
                case Separability.Plane plane -> bothAgree += perceptron.separates() && plane.margin() > 0 ? 1 : 0;
                case Separability.Meeting meeting -> {
                    impossible.add(function);
                    bothAgree += perceptron.separates() ? 0 : 1;
                    proven += isProof(x, y, meeting) ? 1 : 0;
                    tell(report, x, y, meeting);
                }
            }
        }
        report.figure("one_unit", "functions of two inputs that one unit computes", learnt, Reference.exactly(14));
        report.figure(
                "proven_impossible", "functions with a proof that none does (XOR, XNOR)", proven, Reference.exactly(2));
        report.figure("agree", "functions where perceptron and proof agree", bothAgree, Reference.exactly(16));
        report.figure(
                "which",
                "the impossible ones as numbers, 6 + 9",
                impossible.stream().mapToInt(f -> f).sum(),
                Reference.exactly(15));

        int functions = 1 << (1 << INPUTS);
        Tensor all = rows(INPUTS);
        int right = 0;
        for (int function = 0; function < functions; function++) {
            right += twoLayers(all, outputs(function, INPUTS)) ? 1 : 0;
        }
        report.figure(
                "two_layers", "functions of three inputs that two layers compute", right, Reference.exactly(functions));
        Tensor ten = rows(10);
        Tensor parity = ten.sum(1).remainder(2);
        report.figure(
                "parity",
                "rows of ten inputs whose parity two layers compute",
                McCullochPitts.TwoLayers.of(ten, parity)
                        .predict(ten)
                        .eq(parity)
                        .sum()
                        .item(),
                Reference.exactly(1 << 10));
        report.picture("xor", picture(x));
    }

    /** All rows of n zeros and ones; the first input is the highest digit. */
    private static Tensor rows(int n) {
        float[] digits = new float[(1 << n) * n];
        for (int row = 0; row < 1 << n; row++) {
            for (int j = 0; j < n; j++) {
                digits[row * n + j] = row >> (n - 1 - j) & 1;
            }
        }
        return Tensor.of(digits, 1 << n, n);
    }

    /** The function whose number has the output of row i as its digit i. */
    private static Tensor outputs(int function, int n) {
        float[] y = new float[1 << n];
        for (int row = 0; row < y.length; row++) {
            y[row] = function >> row & 1;
        }
        return Tensor.of(y);
    }

    private static boolean twoLayers(Tensor x, Tensor y) {
        if (y.max().item() == 0) {
            return true; // never true: an output unit that no hidden unit reaches
        }
        return McCullochPitts.TwoLayers.of(x, y).predict(x).allEqual(y);
    }

    /** Whether the multipliers are convex combinations in each class, and lead to one point. */
    private static boolean isProof(Tensor x, Tensor y, Separability.Meeting meeting) {
        Tensor one = meeting.multipliers().mul(y.to(DType.F64));
        Tensor zero = meeting.multipliers().sub(one);
        Tensor apart = one.matmul(x.to(DType.F64)).sub(zero.matmul(x.to(DType.F64)));
        return meeting.multipliers().min().item() >= 0
                && Math.abs(one.sum().item() - 1) < 1e-12
                && Math.abs(zero.sum().item() - 1) < 1e-12
                && apart.abs().max().item() < 1e-12;
    }

    private static void tell(Report report, Tensor x, Tensor y, Separability.Meeting meeting) {
        report.say(
                "%s  no line: %s = %s = %s",
                table(y), combination(x, y, meeting, 1), combination(x, y, meeting, 0), point(meeting.point()));
    }

    private static String combination(Tensor x, Tensor y, Separability.Meeting meeting, double side) {
        double[] multipliers = meeting.multipliers().toDoubleArray();
        double[] outputs = y.toDoubleArray();
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < outputs.length; i++) {
            if (outputs[i] == side && multipliers[i] > 0) {
                terms.add(String.format(Locale.ROOT, "%.3g·%s", multipliers[i], point(x.select(0, i))));
            }
        }
        return String.join(" + ", terms);
    }

    private static String point(Tensor p) {
        return DoubleStream.of(p.toDoubleArray())
                .mapToObj(v -> String.format(Locale.ROOT, "%.3g", v))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String table(Tensor y) {
        StringBuilder s = new StringBuilder("00 01 10 11 → ");
        for (double v : y.toDoubleArray()) {
            s.append((int) v).append(' ');
        }
        return s.toString();
    }

    private static Plot picture(Tensor x) {
        double[] first = x.select(1, 0).toDoubleArray();
        double[] second = x.select(1, 1).toDoubleArray();
        return Plot.of("XOR: the segments of the two classes cross", "first input", "second input")
                .line("0: from (0, 0) to (1, 1)", new double[] {first[0], first[3]}, new double[] {second[0], second[3]
                })
                .line("1: from (0, 1) to (1, 0)", new double[] {first[1], first[2]}, new double[] {second[1], second[2]
                })
                .line("in both", new double[] {0.5}, new double[] {0.5});
    }
}
