package dev.ssehub;

import picocli.CommandLine.IVersionProvider;

/** The version of the program. */
final class Version implements IVersionProvider {
    /** Returns the version in the manifest of the jar. */
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[]{"sse-hub " + text() + " (Java " + Runtime.version() + ")"};
    }
}
