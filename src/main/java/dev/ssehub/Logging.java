package dev.ssehub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.logging.LogManager;

import io.helidon.logging.common.spi.LoggingProvider;

/** Sets up the JDK's logging: one line a record, and to the very end. Helidon finds it as a service, and so leaves it be. */
public final class Logging implements LoggingProvider {

    private static final String MANAGER = "java.util.logging.manager";
    private static final String OPERATORS_FILE = "java.util.logging.config.file";
    private static final String OPERATORS_CLASS = "java.util.logging.config.class";

    /** For Helidon, which creates it by name. */
    public Logging() {}

    /** Nothing to do: the program has called {@link #install} before. */
    @Override
    public void initialization() {}

    /** Nothing to do. */
    @Override
    public void runTime() {}

    /** To be called before anything logs. What the operator has set by system properties stays. */
    static void install() {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // digits that every tool can read
        if (System.getProperty(MANAGER) == null) {
            System.setProperty(MANAGER, Manager.class.getName());
        }
        if (LogManager.getLogManager() instanceof Manager manager) {
            manager.configure();
        }
    }

    /**
     * The JDK's own closes its handlers as soon as the process begins to stop, when there is something to say yet. The
     * console's needs no closing.
     */
    public static final class Manager extends LogManager {

        private volatile boolean configured;

        /** For the JDK, which creates it by name. */
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
