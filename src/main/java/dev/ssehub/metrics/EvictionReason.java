package dev.ssehub.metrics;

/** Why the history has given up an event. */
public enum EvictionReason implements Labelled {
    /** The topic or its budget was full. */
    FULL,
    /** The event was too old. */
    AGE,
    /** A publisher wanted the past of the topic forgotten. */
    FORGOTTEN,
    /** The file of the history was damaged, removed or replaced. */
    FILE_LOST;
}
