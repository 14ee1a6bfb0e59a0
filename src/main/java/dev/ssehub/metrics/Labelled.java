package dev.ssehub.metrics;

import module java.base;

/** An enum whose constants are values of a label of a metric, or of a field. */
public interface Labelled {
    /** Returns the name of the constant. */
    String name();

    /** Returns the name in lower case, with hyphens. */
    default String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
