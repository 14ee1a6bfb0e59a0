package dev.ssehub.metrics;

import module java.base;

/** Why the history has given up an event. */
public enum EvictionReason {
    /** The topic or its budget was full. */
    FULL,
    /** The event was too old. */
    AGE,
    /** A publisher wanted the past of the topic forgotten. */
    FORGOTTEN,
    /** The file of the history was damaged, removed or replaced. */
    FILE_LOST;

    /** Returns the name in lower case, with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
