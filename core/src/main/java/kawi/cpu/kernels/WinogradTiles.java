package kawi.cpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Brings images into the form in which {@link Winograd} multiplies them: for each of 36 positions, panel after panel of
 * channels, tile after tile, the panel's channels side by side. Beyond the images there are zeros.
 *
 * @param top rows of zeros before the image that the first tiles see; {@code left} columns
 * @param size rows and columns that a tile sees; from tile to tile there are {@link Winograd#RESULT}
 */
record WinogradTiles(int channels, int height, int width, int top, int left, int size, int tileRows, int tileColumns) {

    /** Tiles that are multiplied together: enough to make use of each weight that comes from memory. */
    private static final int TOGETHER = 48;

    /** Tiles that are transformed together: as many as stay in the first-level cache between the two passes. */
    static final int AT_ONCE = 4;

    /** For results of so many rows and columns. */
    static WinogradTiles of(int channels, int height, int width, int top, int left, int size, int outH, int outW) {
        int rows = Math.ceilDiv(outH, Winograd.RESULT);
        int columns = Math.ceilDiv(outW, Winograd.RESULT);
        return new WinogradTiles(channels, height, width, top, left, size, rows, columns);
    }

    /** Rows of tiles of a band: an image is cut into bands where it has many tiles. */
    int bandRows() {
        int most = Math.clamp(TOGETHER / tileColumns, 1, tileRows);
        return Math.ceilDiv(tileRows, Math.ceilDiv(tileRows, most));
    }

    int bands() {
        return Math.ceilDiv(tileRows, bandRows());
    }

    /** Bands that are multiplied together. */
    int bandsTogether() {
        return Math.max(1, TOGETHER / (bandRows() * tileColumns));
    }

    /** Tiles of band number {@code band} of an image. */
    int tiles(int band) {
        return rows(band) * tileColumns;
    }

    int rows(int band) {
        return Math.min(bandRows(), tileRows - band * bandRows());
    }

    /** Panels of channels. */
    int panels(int panel) {
        return Math.ceilDiv(channels, panel);
    }

    /** Bytes of all positions of so many tiles, and of what a kernel reads beyond. */
    static long bytes(int panels, int tiles, WinogradKernels kernels) {
        return (((long) Winograd.POSITIONS * panels * tiles) + kernels.tallRows()) * kernels.width() * 4;
    }

    /**
     * One band of an image.
     *
     * @param map B, or the transposed A
     * @param from byte of the image
     * @param first number of the band's first tile in {@code target}, which has {@code tiles}
     */
    void transform(
            WinogradKernels kernels,
            LinearMap map,
            MemorySegment source,
            long from,
            int band,
            MemorySegment target,
            int first,
            int tiles) {
        int panelBytes = kernels.width() * 4;
        int panels = panels(kernels.width());
        int line = panels * panelBytes;
        int pitch = tileColumns * Winograd.RESULT + size - Winograd.RESULT;
        int lines = rows(band) * Winograd.RESULT + size - Winograd.RESULT;
        long positionBytes = (long) tiles * line;
        long itemBytes = (long) size * Winograd.SIZE * panelBytes;
        Scratch scratch = Scratch.ofThread();
        MemorySegment pixels = scratch.take((long) lines * pitch * line);
        MemorySegment half = scratch.take(AT_ONCE * itemBytes);
        try {
            pixels(
                    kernels.packer(),
                    source,
                    from,
                    band * bandRows() * Winograd.RESULT - top,
                    lines,
                    pitch,
                    pixels,
                    line);
            int[] places = new int[size * size];
            for (int i = 0; i < places.length; i++) {
                places[i] = (i % size * pitch + i / size) * line;
            }
            int[] halves = places(Winograd.SIZE * size, panelBytes);
            for (int row = 0; row < rows(band); row++) {
                for (int column = 0; column < tileColumns; column += AT_ONCE) {
                    int items = Math.min(AT_ONCE, tileColumns - column);
                    int tile = first + row * tileColumns + column;
                    long corner = (long) (row * pitch + column) * Winograd.RESULT * line;
                    for (int p = 0; p < panels; p++) {
                        long of = corner + (long) p * panelBytes;
                        long step = Winograd.RESULT * (long) line;
                        long rowHalf = (long) size * panelBytes;
                        map.apply(pixels, of, step, places, size, items, half, 0, itemBytes, panelBytes, rowHalf);
                        long to = ((long) p * tiles + tile) * panelBytes;
                        long rowTo = Winograd.SIZE * positionBytes;
                        map.apply(
                                half,
                                0,
                                itemBytes,
                                halves,
                                Winograd.SIZE,
                                items,
                                target,
                                to,
                                panelBytes,
                                rowTo,
                                positionBytes);
                    }
                }
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    /** 0, step, 2 · step, … */
    static int[] places(int count, int step) {
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = i * step;
        }
        return places;
    }

    /** Channels side by side for each pixel that a band sees, with the zeros around the image. */
    private void pixels(
            Packer packer,
            MemorySegment source,
            long from,
            int firstRow,
            int rows,
            int pitch,
            MemorySegment pixels,
            int line) {
        int y0 = Math.clamp(firstRow, 0, height);
        int y1 = Math.clamp(firstRow + rows, y0, height);
        int above = Math.min(rows, y0 - firstRow);
        int count = y1 - y0;
        // Side by side first, all rows at once, then apart: from the last row on, so that none overwrites another.
        sideBySide(packer, source, from + (long) y0 * width * 4, count * width, pixels, line);
        for (int y = count - 1; y >= 0; y--) {
            int row = (above + y) * pitch;
            long rowBytes = (long) width * line;
            MemorySegment.copy(pixels, y * rowBytes, pixels, (long) (row + left) * line, rowBytes);
            zero(pixels, row + left + width, pitch - left - width, line);
        }
        for (int y = 0; y < count; y++) {
            zero(pixels, (above + y) * pitch, left, line);
        }
        zero(pixels, 0, above * pitch, line);
        zero(pixels, (above + count) * pitch, (rows - above - count) * pitch, line);
    }

    private static void zero(MemorySegment pixels, int first, int count, int line) {
        pixels.asSlice((long) first * line, (long) count * line).fill((byte) 0);
    }

    /** Channels of {@code count} adjacent pixels. */
    private void sideBySide(Packer packer, MemorySegment source, long from, int count, MemorySegment pixels, int line) {
        int lanes = packer.lanes();
        long[] lines = new long[lanes];
        for (int c = 0; c < channels; c += lanes) {
            for (int i = 0; i < lanes; i++) {
                lines[i] = (long) (c + i) * height * width * 4;
            }
            long to = c * 4L;
            packer.transpose(source, from, lines, count / lanes, pixels, to, line);
            int last = count - lanes;
            if (count >= lanes && count % lanes > 0) {
                packer.transpose(source, from + last * 4L, lines, 1, pixels, to + (long) last * line, line);
            }
            for (int p = 0; p < count && count < lanes; p++) {
                for (int i = 0; i < lanes; i++) {
                    int bits = source.get(JAVA_INT_UNALIGNED, from + lines[i] + p * 4L);
                    pixels.set(JAVA_INT_UNALIGNED, to + (long) p * line + i * 4L, bits);
                }
            }
        }
    }
}
