package dev.ssehub.keys;

import module java.base;
import dev.ssehub.auth.Keys;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what classes log, instead of printing it. */
final class LogLines implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Logger> loggers;
    private volatile Runnable onEach = () -> {};
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            lines.add(record.getMessage() + (record.getThrown() == null ? "" : Keys.stackTrace(record.getThrown())));
            onEach.run();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LogLines(Class<?>... types) {
        loggers = Stream.of(types).map(type -> Logger.getLogger(type.getName())).toList();
        loggers.forEach(logger -> {
            logger.setLevel(Level.ALL);
            logger.setUseParentHandlers(false);
            logger.addHandler(handler);
        });
    }

    /** Sets what the logging thread also does for each line. */
    void onEach(Runnable action) {
        onEach = action;
    }

    List<String> all() {
        return lines;
    }

    @Override
    public void close() {
        loggers.forEach(logger -> {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        });
    }
}
