package dev.ssehub.logging;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of the log records that clients can cause are written: of each kind, one a minute. These are the records with an
 * exception, and all records of Helidon. The hub limits its other messages where it logs them. Thread-safe.
 */
final class LogRepeats {
    /** The kinds are places in the code. There are far fewer of them. */
    private static final int MAX_KINDS = 500;
    private static final Kind OTHER = new Kind("", Level.ALL, "", "");

    private final LongSupplier nanoTime;
    private final Map<Kind, LogThrottle> kinds = new ConcurrentHashMap<>();

    /**
     * What the records of one problem have in common. The message is not compared, because clients can change it.
     *
     * @param thrown the class of the exception that was the first cause, or an empty text
     * @param place where that exception was thrown, or an empty text
     */
    private record Kind(String logger, Level level, String thrown, String place) {}

    LogRepeats(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Decides about a record. Returns how many records of its kind have been left out since the last one was written, or nothing if
     * this one must be left out as well.
     */
    OptionalLong admit(LogRecord record) {
        String logger = String.valueOf(record.getLoggerName());
        Throwable thrown = record.getThrown();
        if (thrown == null && !logger.startsWith("io.helidon.")) {
            return OptionalLong.of(0);
        }
        return throttle(kind(logger, record.getLevel(), thrown)).admit();
    }

    private static Kind kind(String logger, Level level, @Nullable Throwable thrown) {
        if (thrown == null) {
            return new Kind(logger, level, "", "");
        }
        Throwable first = ThrownText.causes(thrown).getLast();
        StackTraceElement[] frames = first.getStackTrace();
        return new Kind(logger, level, first.getClass().getName(), frames.length == 0 ? "" : frames[0].toString());
    }

    private LogThrottle throttle(Kind kind) {
        Kind counted = kinds.size() < MAX_KINDS || kinds.containsKey(kind) ? kind : OTHER;
        return kinds.computeIfAbsent(counted, _ -> new LogThrottle(1, nanoTime));
    }
}
