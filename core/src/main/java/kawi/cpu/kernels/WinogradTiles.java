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
        int firstRow = band * bandRows() * Winograd.RESULT - top;
        int y0 = Math.clamp(firstRow, 0, height);
        int y1 = Math.clamp(firstRow + (rows(band) - 1) * Winograd.RESULT + size, y0, height);
        int line = channels * 4;
        int panel = kernels.width();
        int panelBytes = panel * 4;
        long positionBytes = (long) panels(panel) * tiles * panelBytes;
        Scratch scratch = Scratch.ofThread();
        MemorySegment pixels = scratch.take((1L + (long) (y1 - y0) * width) * line);
        MemorySegment half = scratch.take((long) size * Winograd.SIZE * panelBytes);
        try {
            pixels.asSlice(0, line).fill((byte) 0);
            pixels(kernels.packer(), source, from + (long) y0 * width * 4, (y1 - y0) * width, pixels, line);
            int[] places = new int[size * size];
            int[] halves = new int[Winograd.SIZE * size];
            for (int i = 0; i < halves.length; i++) {
                halves[i] = i * panelBytes;
            }
            for (int tile = 0; tile < tiles(band); tile++) {
                int row = firstRow + tile / tileColumns * Winograd.RESULT;
                int column = tile % tileColumns * Winograd.RESULT - left;
                for (int j = 0; j < size; j++) {
                    for (int i = 0; i < size; i++) {
                        boolean inside = row + i >= y0 && row + i < y1 && column + j >= 0 && column + j < width;
                        places[j * size + i] = inside ? (1 + (row + i - y0) * width + column + j) * line : 0;
                    }
                }
                for (int p = 0; p < panels(panel); p++) {
                    int count = Math.min(panel, channels - p * panel);
                    long to = ((long) p * tiles + first + tile) * panelBytes;
                    long of = (long) p * panelBytes;
                    map.apply(pixels, of, places, 0, size, half, 0, panelBytes, (long) size * panelBytes, count);
                    map.apply(
                            half,
                            0,
                            halves,
                            0,
                            Winograd.SIZE,
                            target,
                            to,
                            Winograd.SIZE * positionBytes,
                            positionBytes,
                            count);
                }
            }
        } finally {
            scratch.giveBack();
            scratch.giveBack();
        }
    }

    /** Channels side by side for each pixel, after one pixel of zeros. */
    private void pixels(Packer packer, MemorySegment source, long from, int count, MemorySegment pixels, int line) {
        int lanes = packer.lanes();
        long[] lines = new long[lanes];
        for (int c = 0; c < channels; c += lanes) {
            for (int i = 0; i < lanes; i++) {
                lines[i] = (long) (c + i) * height * width * 4;
            }
            long to = line + c * 4L;
            packer.transpose(source, from, lines, count / lanes, pixels, to, line);
            if (count >= lanes && count % lanes > 0) {
                int last = count - lanes;
                packer.transpose(source, from + last * 4L, lines, 1, pixels, to + (long) last * line, line);
            } else if (count < lanes) {
                for (int p = 0; p < count; p++) {
                    for (int i = 0; i < lanes; i++) {
                        int bits = source.get(JAVA_INT_UNALIGNED, from + lines[i] + p * 4L);
                        pixels.set(JAVA_INT_UNALIGNED, to + (long) p * line + i * 4L, bits);
                    }
                }
            }
        }
    }
}
