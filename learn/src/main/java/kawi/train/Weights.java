package kawi.train;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kawi.base.DType;
import kawi.base.KawiException;
import kawi.io.SafeTensors;
import kawi.nn.Module;
import kawi.tensor.Kawi;
import kawi.tensor.Tensor;
import kawi.tensor.Variable;

/** Named variables to and from the entries of a safetensors file, and their fingerprint. */
public final class Weights {
    private Weights() {}

    /** Writes all that {@link Module#state} names into a safetensors file, whole or not at all. */
    public static void save(Path file, Module module) {
        SafeTensors.write(file, entries(module.state()), Map.of());
    }

    /**
     * Gives a module the values that {@link #save} wrote.
     *
     * @throws KawiException if names, shapes or element types differ; the module is then as it was
     */
    public static void load(Path file, Module module) {
        load(module.state(), SafeTensors.read(file), file.toString());
    }

    /** The entries of a file with the present values. */
    public static List<SafeTensors.Entry> entries(Map<String, ? extends Variable> variables) {
        List<SafeTensors.Entry> entries = new ArrayList<>();
        variables.forEach((name, v) -> entries.add(new SafeTensors.Entry(
                name,
                v.dtype().name(),
                Arrays.stream(v.shape().dims()).asLongStream().toArray(),
                v.segment())));
        return entries;
    }

    /** Gives variables the values of a file's entries; names and shapes must be the same on both sides. */
    public static void load(Map<String, ? extends Variable> variables, SafeTensors.Contents contents, String file) {
        Map<String, SafeTensors.Entry> byName = new LinkedHashMap<>();
        contents.entries().forEach(e -> byName.put(e.name(), e));
        List<String> missing =
                variables.keySet().stream().filter(n -> !byName.containsKey(n)).toList();
        List<String> unknown =
                byName.keySet().stream().filter(n -> !variables.containsKey(n)).toList();
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new KawiException("%s holds the weights of another network: it lacks %s and has %s besides"
                    .formatted(file, missing, unknown));
        }
        Map<Variable, Tensor> values = new LinkedHashMap<>();
        variables.forEach((name, v) -> {
            SafeTensors.Entry e = byName.get(name);
            if (e == null) {
                return;
            }
            int[] shape = v.shape().dims();
            if (!Arrays.equals(e.shape(), Arrays.stream(shape).asLongStream().toArray())
                    || !e.dtype().toUpperCase(Locale.ROOT).equals(v.dtype().name())) {
                throw new KawiException("%s: %s is %s%s, but the network has %s%s"
                        .formatted(
                                file,
                                name,
                                e.dtype(),
                                Arrays.toString(e.shape()),
                                v.dtype().name(),
                                v.shape()));
            }
            values.put(v, Tensor.of(e.data(), DType.valueOf(e.dtype()), shape));
        });
        values.forEach(Variable::assign);
    }

    /** The first variable that holds a NaN or an infinity: its name, how many, and which the first is. */
    static Optional<String> nonFinite(Map<String, ? extends Variable> variables) {
        Map<String, Tensor> wrong = new LinkedHashMap<>();
        variables.forEach((name, v) -> wrong.put(name, v.isFinite().not().sum()));
        Kawi.realize(wrong.values().toArray(Tensor[]::new)); // one run for all
        for (Map.Entry<String, Tensor> e : wrong.entrySet()) {
            long count = (long) e.getValue().item();
            Variable v = variables.get(e.getKey());
            if (count > 0 && v != null) {
                double first = Arrays.stream(v.toDoubleArray())
                        .filter(x -> !Double.isFinite(x))
                        .findFirst()
                        .orElse(Double.NaN);
                return Optional.of("%s holds values that are not finite: %d of %d, the first is %s"
                        .formatted(e.getKey(), count, v.size(), first));
            }
        }
        return Optional.empty();
    }

    /** SHA-256 over names, types, shapes and bytes, in order of the names. */
    public static String sha256(Map<String, ? extends Variable> variables) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            variables.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
                Variable v = entry.getValue();
                digest.update(
                        (entry.getKey() + "\n" + v.dtype() + "\n" + v.shape() + "\n").getBytes(StandardCharsets.UTF_8));
                MemorySegment bytes = v.segment();
                long at = 0;
                while (at < bytes.byteSize()) {
                    long n = Math.min(1 << 26, bytes.byteSize() - at);
                    ByteBuffer part = bytes.asSlice(at, n).asByteBuffer();
                    digest.update(part);
                    at += n;
                }
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
