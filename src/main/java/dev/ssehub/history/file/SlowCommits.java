package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import java.lang.System.Logger.Level;

/** Logs commits that take long: publishers wait for them, and so do the subscribers. */
final class SlowCommits {
    /** Longer than a disk that is not overloaded takes. */
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final System.Logger LOG = System.getLogger(SlowCommits.class.getName());

    private final LogThrottle throttle;

    /** @param events the number of events that it has stored */
    private record Commit(Duration duration, int events) {}

    SlowCommits(LongSupplier nanoTime) {
        throttle = new LogThrottle(1, nanoTime);
    }

    void committed(long nanos, int events) {
        if (nanos >= SLOW.toNanos()) {
            throttle.admit()
                    .ifPresent(leftOut -> LOG.log(Level.WARNING, "a commit of the history was slow" + LogThrottle.more(leftOut),
                            new Commit(Duration.ofNanos(nanos), events)));
        }
    }
}
