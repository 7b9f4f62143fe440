package kawi.cpu;

import java.util.Optional;

/**
 * What this machine and this JVM can do, found out once when first asked for.
 *
 * <p>Nothing here changes a result: vector width and thread count only change how fast it comes.
 */
public final class Machine {

    /** The incubating module with the Vector API; present only if the JVM was started with {@code --add-modules}. */
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private static final boolean VECTOR_MODULE_PRESENT = readVectorModule();
    private static final int VECTOR_BITS = resolveVectorBits();
    private static final int THREADS = resolveThreads();

    private Machine() {}

    /**
     * Width in bits of the vectors that kernels use: 128, 256 or 512, or 0 for plain loops. The widest that the
     * machine prefers, unless the system property {@code kawi.vector.bits} says otherwise.
     */
    public static int vectorBits() {
        return VECTOR_BITS;
    }

    /** Whether the module {@code jdk.incubator.vector} was resolved when the JVM started. */
    public static boolean vectorModulePresent() {
        return VECTOR_MODULE_PRESENT;
    }

    /** How many threads to compute with unless the user says otherwise: {@code kawi.threads}, or one a processor. */
    public static int threads() {
        return THREADS;
    }

    /**
     * Finds the vector module and lets ours read it. Doing this at run time keeps the module optional: no
     * {@code requires}, hence no warning and no failure where it is absent.
     */
    private static boolean readVectorModule() {
        Optional<Module> module = ModuleLayer.boot().findModule(VECTOR_MODULE);
        module.ifPresent(Machine.class.getModule()::addReads);
        return module.isPresent();
    }

    private static int resolveVectorBits() {
        String asked = System.getProperty("kawi.vector.bits");
        if (asked != null) {
            return switch (asked.strip()) {
                case "0" -> 0;
                case "128", "256", "512" -> VECTOR_MODULE_PRESENT ? Integer.parseInt(asked.strip()) : 0;
                default ->
                    throw new IllegalArgumentException(
                            "kawi.vector.bits is '" + asked + "'; it may be 128, 256, 512, or 0 for plain loops");
            };
        }
        return VECTOR_MODULE_PRESENT ? preferredVectorBits() : 0;
    }

    /** {@code FloatVector.SPECIES_PREFERRED.vectorBitSize()}, by name so that this class loads without the module. */
    private static int preferredVectorBits() {
        try {
            Object species = Class.forName("jdk.incubator.vector.FloatVector")
                    .getField("SPECIES_PREFERRED")
                    .get(null);
            int bits = (int) Class.forName("jdk.incubator.vector.VectorSpecies")
                    .getMethod("vectorBitSize")
                    .invoke(species);
            return bits >= 512 ? 512 : bits >= 256 ? 256 : bits >= 128 ? 128 : 0;
        } catch (ReflectiveOperationException e) {
            return 0; // a JVM with another Vector API than we know: plain loops are correct everywhere
        }
    }

    private static int resolveThreads() {
        String asked = System.getProperty("kawi.threads");
        if (asked == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            int threads = Integer.parseInt(asked.strip());
            if (threads >= 1) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // told below, as for zero
        }
        throw new IllegalArgumentException("kawi.threads is '" + asked + "'; it must be a whole number of at least 1");
    }
}
