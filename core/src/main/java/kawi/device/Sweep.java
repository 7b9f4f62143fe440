package kawi.device;

import java.util.List;

/**
 * Loop nests that have an axis in common and run one after the other over each block of it, so that what one pass writes
 * is still in cache when the next one reads it: the passes of a softmax, say, over a few rows at a time.
 *
 * <p>Of what another pass writes, a pass reads at coordinate c of the common axis only what was written at the same c:
 * the result does not depend on how the axis is cut, and the passes run one after the other over the whole give it as
 * well. A pass may reduce the common axis itself if it is not the nest's innermost; what it writes, no other pass reads.
 *
 * @param passes in the order in which they run
 * @param extent length of the common axis
 * @param locals buffers that only the passes see; the launch gets no memory for them
 */
public record Sweep(List<Pass> passes, int extent, List<Local> locals) {
    /** A nest and which of its axes is the common one. */
    public record Pass(LoopNest nest, int axis) {
        /** Whether the common axis is the one that the nest reduces. */
        public boolean reducesAcross() {
            return nest.reduceAxis() == axis;
        }
    }

    /**
     * A buffer [outer, extent, inner] of the common axis. A stride in it leads from one outer place to another (then it is
     * a multiple of extent·inner), along the common axis, or from one inner place to another.
     */
    public record Local(int buffer, int bytes, long outer, long inner) {
        /** The same access to a buffer [outer, block, inner]. */
        public LoopNest.Access shrunk(LoopNest.Access access, int extent, int block) {
            long step = extent * inner;
            long[] strides = access.strides().clone();
            for (int d = 0; d < strides.length; d++) {
                strides[d] = strides[d] % step == 0 ? strides[d] / step * block * inner : strides[d];
            }
            long offset = access.offset() / step * block * inner + access.offset() % step;
            return new LoopNest.Access(access.buffer(), access.type(), offset, strides);
        }
    }
}
