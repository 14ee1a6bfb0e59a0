package dev.ssehub.history.file;

import module java.base;

import dev.ssehub.history.History;
import dev.ssehub.history.HistoryContract;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.metrics.NoMetrics;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What every history does, with a real file. */
class FileHistoryTest extends HistoryContract {
    private static Path folder;
    private static final AtomicInteger FILES = new AtomicInteger();

    @BeforeContainer
    static void createFolder() throws IOException {
        folder = Files.createTempDirectory("history");
    }

    @AfterContainer
    static void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> file.toFile().delete());
        }
        Files.delete(folder);
    }

    @Override
    protected History open(Limits limits) throws IOException {
        return FileHistory.open(folder.resolve("hub" + FILES.incrementAndGet() + ".db"), Sync.OS, limits, new NoMetrics(),
                () -> Instant.ofEpochMilli(5_000), now::get);
    }

    @Override
    protected void settle(History history) {
        ((FileHistory) history).settle();
    }
}
