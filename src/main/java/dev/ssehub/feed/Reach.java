package dev.ssehub.feed;

import dev.ssehub.cluster.Leases;

/**
 * Which nodes of the hub receive the events of a feed, and which one publishes them.
 *
 * @param lease this node publishes while it holds the lease
 * @param local whether only the subscribers of this node receive the events
 */
public record Reach(Leases.Lease lease, boolean local) {
    /** Each node publishes for its own subscribers. */
    public static final Reach NODE = new Reach(Leases.Lease.ALWAYS, true);

    /** This node publishes for all nodes, and so may others. */
    static final Reach CLUSTER = new Reach(Leases.Lease.ALWAYS, false);
}
