package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.metrics.NoMetrics;

/** Opens histories in a file to which a test tells the time. */
public final class TimedHistory {
    private TimedHistory() {}

    public static History open(Path file, Limits limits, InstantSource clock, LongSupplier nanoTime) throws IOException {
        return FileHistory.open(file, Sync.OS, limits, new NoMetrics(), clock, nanoTime);
    }
}
