package kawi.train;

import java.io.PrintStream;
import java.util.Locale;

/** One line of the terminal that tells how an epoch goes; silent where there is no terminal. */
final class ProgressLine {
    private static final long EVERY_NANOS = 100_000_000L;
    private static final int WIDTH = 24;

    private final boolean visible;
    private final PrintStream out;
    private long shown;

    ProgressLine(boolean quiet, PrintStream out) {
        this.visible = !quiet && System.console() != null && System.console().isTerminal();
        this.out = out;
    }

    void show(
            int epoch,
            int epochs,
            long done,
            long total,
            double loss,
            double accuracy,
            double perSecond,
            double secondsLeft) {
        long now = System.nanoTime();
        if (!visible || now - shown < EVERY_NANOS && done < total) {
            return;
        }
        shown = now;
        int filled = (int) (WIDTH * done / Math.max(1, total));
        out.print(String.format(
                Locale.ROOT,
                "\r\033[Kepoch %d/%d %s%s %3d%%  loss %.4f  accuracy %.4f  %,.0f examples/s  %s left",
                epoch,
                epochs,
                "━".repeat(filled),
                "·".repeat(WIDTH - filled),
                100 * done / Math.max(1, total),
                loss,
                accuracy,
                perSecond,
                time(secondsLeft)));
        out.flush();
    }

    void clear() {
        if (visible) {
            out.print("\r\033[K");
            out.flush();
        }
    }

    private static String time(double seconds) {
        long s = Math.round(seconds);
        return s < 60 ? s + " s" : "%d min %02d s".formatted(s / 60, s % 60);
    }
}
