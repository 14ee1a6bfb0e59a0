package dev.ssehub;

import java.lang.reflect.InvocationTargetException;

/** The main class of the jar. It alone is compiled for Java 8, so that an older JVM can run it and print what is missing. */
public final class Launcher {
    private static final int REQUIRED = 25;

    private Launcher() {}

    /** Checks the version of the JVM, then runs {@code Main}. */
    public static void main(String[] args) throws Exception {
        String version = System.getProperty("java.specification.version");
        if (Double.parseDouble(version) < REQUIRED) {
            System.err.println("sse-hub needs Java " + REQUIRED + " or later; this is Java " + version + " from "
                    + System.getProperty("java.home"));
            System.exit(1);
        }
        try {
            // by name, because the compiler for Java 8 cannot read the program's classes
            Class.forName("dev.ssehub.Main").getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException | NoClassDefFoundError e) {
            if (!(e instanceof NoClassDefFoundError || e.getCause() instanceof NoClassDefFoundError)) {
                throw e;
            }
            System.err.println("sse-hub: its libraries are missing; the folder libs must be beside sse-hub.jar");
            System.exit(1);
        }
    }
}
