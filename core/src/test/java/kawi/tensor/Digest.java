package kawi.tensor;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import kawi.base.DType;
import kawi.base.Shape;
import kawi.graph.Elementwise;
import kawi.graph.HostArray;
import kawi.graph.Ops;
import kawi.graph.Ops.Input;
import kawi.graph.Ops.Sample;

/** One number for the bits of many results in f32: of all operations, long vectors, and random programs. */
final class Digest {
    private static final int PROGRAMS = 40;

    private final MessageDigest sha;

    private Digest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Prints the digest; started by {@link WidthsTest} in JVMs of its own. */
    public static void main(String[] args) {
        System.out.println(Kawi.device());
        System.out.println("digest " + ofEverything());
    }

    static String ofEverything() {
        Digest d = new Digest();
        for (Sample s : Ops.all()) {
            boolean single = s.inputs().stream().anyMatch(i -> i.dtype() == DType.F32)
                    || s.result().dtype() == DType.F32;
            if (single) {
                d.add(s);
            }
            if (single
                    && s.op() instanceof Elementwise
                    && s.inputs().get(0).shape().rank() == 3) {
                // all ways through a vector loop and its tail
                d.add(new Sample(
                        s.name(),
                        s.op(),
                        s.inputs().stream()
                                .map(i -> new Input(i.dtype(), Shape.of(2, 211), i.low(), i.high(), i.whole()))
                                .toList()));
            }
        }
        for (long seed = 1; seed <= PROGRAMS; seed++) {
            new RandomGraph(seed, false).outputs.forEach(d::add);
        }
        d.layers();
        return HexFormat.of().formatHex(d.sha.digest());
    }

    private void add(Sample sample) {
        Random random = new Random(sample.name().hashCode());
        List<Tensor> in = new ArrayList<>();
        for (HostArray a : OpSamples.values(sample, random)) {
            in.add(Layout.tensor(a));
        }
        add(OpSamples.apply(sample.op(), in));
    }

    /** Sizes at which work is divided among threads and into blocks. */
    private void layers() {
        Key key = Key.of(7);
        Tensor x = key.normal(130, 300).realized();
        Tensor w = key.fold(1).normal(300, 257).realized();
        add(x.matmul(w).add(key.normal(257)).tanh());
        add(x.t().matmul(x));
        add(x.softmax(0));
        add(x.logSoftmax(1));
        add(key.normal(20_011).sum());
        add(key.normal(70, 700).sum(0));
        add(key.normal(70, 700).t().sum(0));
        Tensor images = key.normal(5, 6, 20, 21).realized();
        Tensor y = images.conv2d(key.fold(2).normal(9, 6, 3, 3), 1, 1, 1, 1).relu();
        add(y.maxPool2d(2, 2, 0));
        Parameter f = new Parameter(key.fold(2).normal(9, 6, 3, 3));
        add(Kawi.grad(images.conv2d(f, 1, 1, 1, 1).gelu().sum(), f));
    }

    private void add(Tensor t) {
        HostArray a = OpSamples.read(t);
        ByteBuffer bytes = ByteBuffer.allocate(8 * a.size());
        for (int i = 0; i < a.size(); i++) {
            // one NaN is as good as another
            bytes.putLong(a.dtype().isFloat() ? Double.doubleToLongBits(a.getDouble(i)) : a.getLong(i));
        }
        sha.update(bytes.flip());
    }
}
