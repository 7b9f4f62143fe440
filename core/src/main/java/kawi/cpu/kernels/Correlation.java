package kawi.cpu.kernels;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution or its derivative by the data as one thing: sums over windows of {@link Planes}, with the places of weights
 * and results. The derivative is a correlation too, one for each residue of the stride: see {@link ConvPhase}.
 *
 * <p>Order of the sums: over channels, then kernel rows, then kernel columns.
 *
 * @param inChannels channels that are read, of one group; {@code outChannels} those written
 * @param stepH rows of the result from one row of a part to the next; {@code stepW} columns
 * @param parts row of parts after row of parts, {@link #columnParts} in each
 * @param weightsOfOut elements from the weights of one written channel to those of the next; {@code weightsOfIn} of one read
 */
record Correlation(
        int batch,
        int groups,
        Planes planes,
        int inChannels,
        int outChannels,
        int outH,
        int outW,
        int stepH,
        int stepW,
        List<Part> parts,
        int weightsOfOut,
        int weightsOfIn,
        int groupWeights) {

    /**
     * A part of the result: every {@code stepH}-th row from {@code row} on and every {@code stepW}-th column from
     * {@code column} on, as sums over some weights, each of them at a row and column of the window.
     */
    record Part(int rows, int columns, int row, int column, int[] taps, int[] tapRows, int[] tapColumns) {}

    static Correlation forward(ConvShape s, int elementBytes) {
        int[] taps = new int[s.taps()];
        int[] rows = new int[s.taps()];
        int[] columns = new int[s.taps()];
        for (int t = 0; t < s.taps(); t++) {
            taps[t] = t;
            rows[t] = t / s.kernelW() * s.dilationH();
            columns[t] = t % s.kernelW() * s.dilationW();
        }
        return new Correlation(
                s.batch(),
                s.groups(),
                Planes.of(s, elementBytes),
                s.groupInChannels(),
                s.groupOutChannels(),
                s.outH(),
                s.outW(),
                1,
                1,
                List.of(new Part(s.outH(), s.outW(), 0, 0, taps, rows, columns)),
                s.groupInChannels() * s.taps(),
                s.taps(),
                s.groupOutChannels() * s.groupInChannels() * s.taps());
    }

    static Correlation byData(ConvShape s, int elementBytes) {
        List<ConvPhase> rows = ConvPhase.of(s.height(), s.kernelH(), s.strideH(), s.padTop(), s.dilationH());
        List<ConvPhase> columns = ConvPhase.of(s.width(), s.kernelW(), s.strideW(), s.padLeft(), s.dilationW());
        int top = ConvPhase.before(rows);
        int left = ConvPhase.before(columns);
        List<Part> parts = new ArrayList<>();
        int lastRow = 0;
        int lastColumn = 0;
        for (ConvPhase row : rows) {
            for (ConvPhase column : columns) {
                int n = row.taps().length * column.taps().length;
                int[] taps = new int[n];
                int[] tapRows = new int[n];
                int[] tapColumns = new int[n];
                int at = 0;
                for (int r = 0; r < row.taps().length; r++) {
                    for (int q = 0; q < column.taps().length; q++) {
                        taps[at] = row.taps()[r] * s.kernelW() + column.taps()[q];
                        tapRows[at] = top + row.shifts()[r];
                        tapColumns[at] = left + column.shifts()[q];
                        lastRow = Math.max(lastRow, tapRows[at]);
                        lastColumn = Math.max(lastColumn, tapColumns[at++]);
                    }
                }
                parts.add(new Part(
                        row.count(), column.count(), row.residue(), column.residue(), taps, tapRows, tapColumns));
            }
        }
        int outW = Math.ceilDiv(s.width(), s.strideW());
        return new Correlation(
                s.batch(),
                s.groups(),
                Planes.of(s.outH(), s.outW(), top, left, lastRow, lastColumn, outW, elementBytes),
                s.groupOutChannels(),
                s.groupInChannels(),
                s.height(),
                s.width(),
                s.strideH(),
                s.strideW(),
                parts,
                s.taps(),
                s.groupInChannels() * s.taps(),
                s.groupOutChannels() * s.groupInChannels() * s.taps());
    }

    /** Elements of a channel of the result. */
    int positions() {
        return outH * outW;
    }

    /** The most rows of any part; {@code columns} likewise. */
    int rows() {
        return Math.ceilDiv(outH, stepH);
    }

    int columns() {
        return Math.ceilDiv(outW, stepW);
    }

    /** Parts that lie side by side in the same rows. */
    int columnParts() {
        return Math.min(outW, stepW);
    }

    /** Whether nothing is read or nothing written. */
    boolean empty() {
        return batch == 0 || inChannels == 0 || outChannels == 0 || positions() == 0;
    }

    /**
     * In elements, where what a part's weights meet lies from a window's place on: over channels, kernel rows, kernel
     * columns. The planes hold so many rows of windows.
     */
    int[] shifts(Part part, int outRows) {
        int taps = part.taps.length;
        int channel = planes.channel(outRows);
        int[] shifts = new int[inChannels * taps];
        for (int t = 0; t < taps; t++) {
            int shift = planes.shift(part.tapRows[t], part.tapColumns[t], outRows);
            for (int c = 0; c < inChannels; c++) {
                shifts[c * taps + t] = Math.addExact(Math.multiplyExact(c, channel), shift);
            }
        }
        return shifts;
    }

    /**
     * Brings some rows of the parts that lie side by side from {@code first} on into a channel of the result.
     *
     * @param from byte of the first part's rows, {@code rowBytes} apart; those of the next part are {@code partBytes} further
     * @param to byte of the first row in y
     */
    void store(
            RowMover mover,
            int first,
            MemorySegment source,
            long from,
            long rowBytes,
            long partBytes,
            int rows,
            MemorySegment y,
            long to) {
        int bytes = planes.elementBytes();
        long step = (long) stepH * outW * bytes;
        int side = columnParts();
        if (side == 2 && stepW == 2 && bytes == 4) {
            mover.join(source, from, rowBytes, source, from + partBytes, rowBytes, y, to, step, rows, outW / 2);
            if (outW % 2 == 1) {
                long last = outW / 2 * 4L;
                mover.copy(source, from + last, rowBytes, y, to + 2 * last, step, rows, 1);
            }
            return;
        }
        for (int p = 0; p < side; p++) {
            Part part = parts.get(first + p);
            long at = to + (long) part.column * bytes;
            if (stepW == 1) {
                mover.copy(source, from, rowBytes, y, at, step, rows, part.columns * bytes / 4);
            } else {
                PlainRowMover.spread(stepW, bytes, source, from, rowBytes, y, at, step, rows, part.columns);
            }
            from += partBytes;
        }
    }
}
