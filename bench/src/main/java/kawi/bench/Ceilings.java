package kawi.bench;

/**
 * What the machine can do at best, with as many threads as the cases use.
 *
 * @param gigaflops fused multiply-adds on vectors in registers, two operations each, 10⁹ a second
 * @param copy bytes read and written by copying arrays far larger than any cache, 10⁹ a second
 */
record Ceilings(double gigaflops, double copy) {
    static Ceilings unknown() {
        return new Ceilings(Double.NaN, Double.NaN);
    }
}
