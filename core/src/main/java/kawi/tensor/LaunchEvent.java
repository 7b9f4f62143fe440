package kawi.tensor;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A launch, for the JDK's Flight Recorder. Only to be mentioned where the module jdk.jfr is present. */
@Name("kawi.Launch")
@Label("Launch")
@Category("Kawi")
@Description("A loop or kernel that ran under Kawi.profile")
@StackTrace(false)
final class LaunchEvent extends Event {
    @Label("Operations")
    private final String operations;

    @Label("Line")
    @Description("Where the last of the operations was recorded")
    private final @Nullable String line;

    @Label("Bytes")
    @DataAmount
    private final long bytes;

    @Label("Time")
    @Timespan(Timespan.NANOSECONDS)
    private final long time;

    private LaunchEvent(String operations, @Nullable String line, long bytes, long time) {
        this.operations = operations;
        this.line = line;
        this.bytes = bytes;
        this.time = time;
    }

    static void emit(String operations, @Nullable String line, long bytes, long nanos) {
        LaunchEvent event = new LaunchEvent(operations, line, bytes, nanos);
        if (event.shouldCommit()) {
            event.commit();
        }
    }
}
