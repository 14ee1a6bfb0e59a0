package dev.ssehub.cluster;

import module java.base;

/** Limits how often publishers publish, on all nodes together. Thread-safe. */
public interface Rates {
    /** For a node that has no other nodes: its own limit is enough. */
    Rates ALONE = (_, _, _) -> Duration.ZERO;

    /**
     * Counts events and returns zero, or counts none and returns the time that the publisher must wait before it may publish them.
     * Blocks on I/O. If the nodes cannot count together now, returns zero.
     *
     * @param publisher what identifies the publisher on all nodes
     * @param events how many, up to twice the allowed number per second
     * @param perSecond how many events per second are allowed; after a pause, twice as many at once
     */
    Duration take(String publisher, int events, int perSecond);
}
