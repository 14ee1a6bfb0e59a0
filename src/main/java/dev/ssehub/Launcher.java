package dev.ssehub;

import java.lang.reflect.InvocationTargetException;

/** Where the JVM begins. This class alone is compiled for Java 8, so that an older JVM can run it and say what it lacks. */
public final class Launcher {

    private static final int REQUIRED = 25;

    private Launcher() {}

    /** Checks the version of the JVM, then runs the program. */
    public static void main(String[] args) throws Exception {
        String version = System.getProperty("java.specification.version");
        if (Double.parseDouble(version) < REQUIRED) {
            System.err.println("sse-hub needs Java " + REQUIRED + " or later; this is Java " + version + " from "
                    + System.getProperty("java.home"));
            System.exit(1);
        }
        try {
            // by name: for this class's compiler, the rest of the program is of a version that it cannot read
            Class.forName("dev.ssehub.Main").getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof NoClassDefFoundError)) {
                throw e;
            }
            missingLibraries();
        } catch (NoClassDefFoundError e) {
            missingLibraries();
        }
    }

    private static void missingLibraries() {
        System.err.println("sse-hub: its libraries are missing; the folder libs must be beside sse-hub.jar");
        System.exit(1);
    }
}
