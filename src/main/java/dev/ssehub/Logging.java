package dev.ssehub;

import module java.base;
import io.helidon.logging.common.spi.LoggingProvider;
import java.util.logging.LogManager;

/** Sets up the JDK's logging. Helidon finds this class as a service, and so does not set up logging itself. */
public final class Logging implements LoggingProvider {

    private static final String MANAGER = "java.util.logging.manager";
    private static final String OPERATORS_FILE = "java.util.logging.config.file";
    private static final String OPERATORS_CLASS = "java.util.logging.config.class";

    /** Called by Helidon, through the service loader. */
    public Logging() {}

    /** Does nothing: the program has called {@link #install}. */
    @Override
    public void initialization() {}

    /** Does nothing. */
    @Override
    public void runTime() {}

    /** Sets up logging; must be called before the first log record. Keeps what the operator has set by system properties. */
    static void install() {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // ASCII digits in every locale
        if (System.getProperty(MANAGER) == null) {
            System.setProperty(MANAGER, Manager.class.getName());
        }
        if (LogManager.getLogManager() instanceof Manager manager) {
            manager.configure();
        }
    }

    /**
     * Keeps the handlers open while the process stops, when the hub still logs. The JDK's own manager closes them in a shutdown
     * hook. The console handler needs no closing.
     */
    public static final class Manager extends LogManager {

        private volatile boolean configured;

        /** Called by the JDK, by name. */
        public Manager() {}

        private void configure() {
            if (System.getProperty(OPERATORS_FILE) == null && System.getProperty(OPERATORS_CLASS) == null) {
                try (InputStream in = Logging.class.getResourceAsStream("logging.properties")) {
                    readConfiguration(Objects.requireNonNull(in));
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
