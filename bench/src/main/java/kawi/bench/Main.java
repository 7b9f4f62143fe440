package kawi.bench;

/** {@code ./kawi bench [THREADS [ROUNDS [STEPS]]]}: an MNIST epoch beside libtorch; later the whole suite. */
public final class Main {
    private Main() {}

    /** Threads of both sides, rounds, and steps a round; 938 steps are an epoch. */
    public static void main(String[] args) {
        if (args.length > 3 || java.util.Arrays.stream(args).anyMatch(a -> !a.matches("[1-9][0-9]{0,5}"))) {
            System.err.println("usage: ./kawi bench [THREADS [ROUNDS [STEPS]]]: an epoch of the MNIST network beside libtorch;"
                    + " 938 steps are an epoch");
            System.exit(2);
        }
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int stretch = args.length > 2 ? Integer.parseInt(args[2]) : 150;
        new MnistCase(threads, rounds, stretch).run();
        System.exit(0);
    }
}
