package dev.ssehub.cluster;

import module java.base;

/** Limits how often publishers publish, on all nodes together. Thread-safe. */
public interface Rates {
    /** For a node that has no other nodes: its own limit is enough. */
    Rates ALONE = (_, _) -> Duration.ZERO;

    /**
     * Counts a publish request and returns zero, or returns the time that the publisher must wait before its next request. Blocks on
     * I/O. If the nodes cannot count together now, returns zero.
     *
     * @param publisher what identifies the publisher on all nodes
     * @param perSecond how many requests per second are allowed; after a pause, twice as many at once
     */
    Duration take(String publisher, int perSecond);
}
