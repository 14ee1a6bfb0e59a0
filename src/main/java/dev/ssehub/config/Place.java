package dev.ssehub.config;

/**
 * Where a key was set.
 *
 * @param source the configuration file, or a source without lines, such as {@code the system properties}
 * @param line the line of the file, from 1; 0 if the source has no lines
 */
record Place(String source, int line) {

    static Place in(String source) {
        return new Place(source, 0);
    }

    boolean isInFile() {
        return line > 0;
    }

    /** Adds the place to the subject of a sentence. */
    String locate(String subject) {
        return isInFile() ? source + ":" + line + ": " + subject : subject + " (in " + source + ")";
    }

    /** Returns a mistake whose sentence begins with the subject, usually a key. */
    StartupException mistake(String subject, String rest) {
        return new StartupException(locate(subject) + rest);
    }
}
