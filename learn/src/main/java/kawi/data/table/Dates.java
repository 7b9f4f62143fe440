package kawi.data.table;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import kawi.data.TextLines;

/** Points in time from texts, as seconds since 1970; what names no zone is in UTC. */
final class Dates {
    /** {@code 2016-07-01}, {@code 2016-07-01 12:30}, {@code 2016-07-01T12:30:59}, {@code 1949-01}. */
    static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM[-dd[[' ']['T']HH:mm[:ss[.SSS]]]]", Locale.ROOT);

    private Dates() {}

    static double seconds(String text, DateTimeFormatter format, Row row, int place) {
        try {
            TemporalAccessor t = format.parseBest(
                    text.strip(), OffsetDateTime::from, LocalDateTime::from, LocalDate::from, YearMonth::from);
            LocalDateTime local = switch (t) {
                case OffsetDateTime o -> o.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
                case LocalDateTime l -> l;
                case LocalDate d -> d.atStartOfDay();
                case YearMonth m -> m.atDay(1).atStartOfDay();
                default -> throw new DateTimeException("no date");
            };
            return local.toEpochSecond(ZoneOffset.UTC) + local.getNano() / 1e9;
        } catch (DateTimeException | ArithmeticException e) {
            throw row.wrong(place, "a date is expected, but there is " + TextLines.quoted(text));
        }
    }
}
