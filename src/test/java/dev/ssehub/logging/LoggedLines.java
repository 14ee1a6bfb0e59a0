package dev.ssehub.logging;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The lines that a logger, and all below it, write while this is open, without the time. */
public final class LoggedLines implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final LogHandler handler = new LogHandler(new PrintStream(out), System::nanoTime);
    private final Logger logger;
    private final @Nullable Level before;

    public LoggedLines(String logger, Level level) {
        this.logger = Logger.getLogger(logger);
        this.before = this.logger.getLevel();
        this.logger.setLevel(level);
        this.logger.setUseParentHandlers(false);
        this.logger.addHandler(handler);
    }

    public List<String> all() {
        return out.toString(UTF_8).lines().map(line -> line.replaceFirst("^\\S+ ", "")).toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        logger.setLevel(before);
    }
}
