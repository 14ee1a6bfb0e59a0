package dev.ssehub.logging;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ssehub.http.AccessLog;
import java.lang.System.Logger.Level;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * How the hub logs.
 *
 * @param access whether each request is logged
 * @param levels the least level of what a logger, and all below it, write; the name {@link #ROOT} stands for all loggers
 */
public record LoggingSettings(LogFormat format, boolean access, Map<String, Level> levels) {
    /** The name that stands for all loggers. */
    public static final String ROOT = "root";

    private static final System.Logger LOG = System.getLogger(LoggingSettings.class.getName());
    /** The JDK forgets a logger that nobody holds, and its level with it. */
    private static final Logger REQUESTS = Logger.getLogger(AccessLog.LOGGER);

    /**
     * Changes the log of this process from now on. Can be called again with other settings. If the operator has replaced the
     * configuration of the JDK's logging by a system property, the levels come from there.
     */
    public void apply() {
        Stream.of(Logger.getLogger("").getHandlers()).forEach(this::format);
        if (!Logging.isConfiguredByOperator()) {
            try {
                LogManager.getLogManager().updateConfiguration(new ByteArrayInputStream(properties()), _ -> (_, next) -> next);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read from memory", e);
            }
        } else if (!levels.isEmpty()) {
            LOG.log(Level.WARNING, "logging.levels has no effect: the system property java.util.logging.config.file or "
                    + "java.util.logging.config.class replaces the configuration of the log");
        }
        REQUESTS.setLevel(access ? java.util.logging.Level.INFO : java.util.logging.Level.OFF);
    }

    private void format(Handler handler) {
        if (handler instanceof LogHandler lines) {
            lines.use(format);
        }
    }

    /** Returns the hub's own configuration with these levels. The last line for a logger counts. */
    private byte[] properties() {
        StringBuilder properties = new StringBuilder(new String(Logging.defaults(), ISO_8859_1));
        levels.forEach((logger, level) -> properties.append('\n').append(logger.equals(ROOT) ? "" : logger).append(".level = ")
                .append(level.getSeverity()));
        return properties.toString().getBytes(ISO_8859_1);
    }
}
