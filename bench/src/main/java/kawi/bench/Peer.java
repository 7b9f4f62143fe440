package kawi.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What Kawi is measured against. */
enum Peer {
    /** libtorch as bytedeco builds it, with OpenBLAS and oneDNN. */
    OPENBLAS("libtorch-openblas"),
    /** libtorch as PyTorch ships it, with MKL and oneDNN. */
    MKL("libtorch-mkl");

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
        return Arrays.stream(values()).filter(p -> p.text.equals(text)).findFirst();
    }

    /** The side of a name, inside its own process. */
    static Side side(String name, int threads) {
        if (name.equals(KAWI)) {
            return new KawiSide(threads);
        }
        return switch (named(name).orElseThrow()) {
            case OPENBLAS -> new OpenBlasSide(threads);
            case MKL -> new MklSide(threads);
        };
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Peer::toString).toList();
    }
}
