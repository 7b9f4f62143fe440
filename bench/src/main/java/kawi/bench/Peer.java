package kawi.bench;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What Kawi is measured against. */
enum Peer {
    /** libtorch as bytedeco builds it, with OpenBLAS and oneDNN. */
    OPENBLAS("libtorch-openblas"),
    /** libtorch as PyTorch ships it, with MKL and oneDNN. */
    MKL("libtorch-mkl"),
    /** On the JVM as well: what a case brings with it, whatever peer was asked for. */
    PLAIN("plain");

    /** The name of Kawi's own side. */
    static final String KAWI = "kawi";

    private final String text;

    Peer(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }

    static Optional<Peer> named(String text) {
        return libtorches().stream().filter(p -> p.text.equals(text)).findFirst();
    }

    /** Those that can be asked for. */
    static List<Peer> libtorches() {
        return List.of(OPENBLAS, MKL);
    }

    /** Whether a side runs in a JVM of Kawi's. */
    static boolean isKawis(String side) {
        return side.equals(KAWI) || side.equals(PLAIN.text);
    }

    /** The side of a name, inside its own process. */
    static Side side(String name, int threads) {
        if (name.equals(KAWI)) {
            return new KawiSide(threads, Case::kawi);
        }
        if (name.equals(PLAIN.text)) {
            return new KawiSide(threads, c -> Objects.requireNonNull(c.plain()));
        }
        return named(name).orElseThrow() == OPENBLAS ? new OpenBlasSide(threads) : new MklSide(threads);
    }

    static List<String> names() {
        return libtorches().stream().map(Peer::toString).toList();
    }
}
