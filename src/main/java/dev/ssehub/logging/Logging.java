package dev.ssehub.logging;

import module java.base;
import io.helidon.logging.common.spi.LoggingProvider;
import java.util.logging.LogManager;

/** Sets up the JDK's logging. Helidon finds this class as a service, and so does not set up logging itself. */
public final class Logging implements LoggingProvider {
    /** Does nothing: the program has called {@link #install}. */
    @Override
    public void initialization() {}

    @Override
    public void runTime() {}

    /** Sets up logging; must be called before the first log record. Keeps what the operator has set by system properties. */
    public static void install() {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // ASCII digits in every locale
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", Manager.class.getName());
        }
        if (LogManager.getLogManager() instanceof Manager manager) {
            manager.configure();
        }
    }

    /** Returns whether the operator has replaced the configuration of the JDK's logging. */
    static boolean isConfiguredByOperator() {
        return System.getProperty("java.util.logging.config.file") != null
                || System.getProperty("java.util.logging.config.class") != null;
    }

    /** Returns the hub's own configuration of the JDK's logging, as properties. */
    static byte[] defaults() {
        try (InputStream in = Objects.requireNonNull(Logging.class.getResourceAsStream("logging.properties"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Keeps the handlers open while the process stops, when the hub still logs. The JDK's own manager closes them in a shutdown
     * hook. The console handler needs no closing.
     */
    public static final class Manager extends LogManager {
        private volatile boolean configured;

        private void configure() {
            if (!isConfiguredByOperator()) {
                try {
                    readConfiguration(new ByteArrayInputStream(defaults()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            configured = true;
        }

        @Override
        public void reset() {
            if (!configured) {
                super.reset();
            }
        }
    }
}
