package dev.ssehub.config;

/**
 * Where a key was set, for messages: a line of the configuration file, or a source without lines.
 *
 * @param before what a message begins with: {@code config.yaml:12: } for a file, empty otherwise
 * @param after the source that follows the value: empty for a file, {@code in the system properties} for instance otherwise
 */
record Place(String before, String after) {

    static Place line(String file, int line) {
        return new Place(file + ":" + line + ": ", "");
    }

    static Place in(String source) {
        return new Place("", "in " + source);
    }

    /** Returns the mistake that the value of a key is wrong. */
    StartupException wrongValue(String key, String value, String rest) {
        return new StartupException(before + key + " is '" + value + "'" + (after.isEmpty() ? "" : " " + after) + rest);
    }

    /** Returns a mistake whose sentence begins with the subject, usually the key, and does not show the value. */
    StartupException mistake(String subject, String rest) {
        return new StartupException(locate(subject) + rest);
    }

    /** Adds the place to the subject of a sentence. */
    String locate(String subject) {
        return before + subject + (after.isEmpty() ? "" : " (" + after + ")");
    }
}
