package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.joining;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * The line of a log record. For an exception, it contains the essence of the stack trace: each exception with its message, down
 * to the first cause, and where that was thrown: the innermost methods, and the hub's own methods that led there.
 */
final class LogLine {
    private static final Formatter MESSAGE = new Formatter() {
        @Override
        public String format(LogRecord record) {
            return formatMessage(record);
        }
    };
    /** No message of the hub is that long, but clients can make those of libraries longer. */
    private static final int MAX_LENGTH = 4000;
    private static final int MAX_CAUSES = 6;
    private static final int MAX_FRAMES = 8;
    private static final int INNERMOST = 3;

    private LogLine() {}

    /** @param leftOut how many records of the same kind were not written since the last one */
    static String of(LogRecord record, long leftOut) {
        StringBuilder text = new StringBuilder(MESSAGE.format(record));
        if (leftOut > 0) {
            text.append(" (and ").append(leftOut).append(" more like this since it was last logged)");
        }
        if (record.getThrown() != null) {
            text.append(": ").append(describe(record.getThrown()));
        }
        return "%1$tFT%1$tT.%1$tL%1$tz %2$s %3$s: %4$s".formatted(record.getInstant().atZone(ZoneId.systemDefault()),
                record.getLevel().getLocalizedName(),
                record.getLoggerName(), printable(text));
    }

    /** Returns the exception and its causes. At most six: a cause can be its own cause. */
    static List<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES).toList();
    }

    private static String describe(Throwable thrown) {
        List<Throwable> causes = causes(thrown);
        StackTraceElement[] frames = causes.getLast().getStackTrace();
        String places = IntStream.range(0, frames.length)
                .filter(i -> i < INNERMOST || frames[i].getClassName().startsWith("dev.ssehub."))
                .mapToObj(i -> frames[i].toString()).distinct().limit(MAX_FRAMES).collect(joining(" < "));
        return causes.stream().map(Throwable::toString).collect(joining(", caused by "))
                + (places.isEmpty() ? "" : ", at " + places);
    }

    /** Replaces what could begin another line or control a terminal, and cuts a long text. */
    private static String printable(CharSequence text) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_LENGTH));
        for (int i = 0; i < text.length() && i < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
        }
        return text.length() > MAX_LENGTH ? printable.append("...").toString() : printable.toString();
    }
}
