package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.metrics.HubMetrics;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Whether events cannot be stored now, and why. For the thread that writes; any thread may ask for the reason. */
final class Outage {
    private static final System.Logger LOG = System.getLogger(Outage.class.getName());
    /** An outage is over when nothing has failed for this time: a disk can be full again after a few events. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final HubMetrics metrics;
    private volatile @Nullable String reason;
    private long failedAt;

    Outage(HubMetrics metrics) {
        this.metrics = metrics;
    }

    /** Records a failure, and logs the first one. Returns the reason for publishers. */
    String failed(DatabaseException e) {
        failedAt = System.nanoTime();
        if (reason == null) {
            metrics.historyFailed();
            LOG.log(Level.ERROR, e.getMessage() + "; publishers get 503 until the hub can store events again");
        }
        String sentence = "the hub cannot store events now: " + e.kind().reason();
        reason = sentence;
        return sentence;
    }

    /** Records that a transaction did not fail. */
    void succeeded() {
        if (reason != null && System.nanoTime() - failedAt > CALM_NANOS) {
            reason = null;
            LOG.log(Level.INFO, "events can be stored again");
        }
    }

    /** Returns why events cannot be stored, or {@code null} if they can. */
    @Nullable
    String reason() {
        return reason;
    }
}
