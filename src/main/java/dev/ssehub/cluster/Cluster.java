package dev.ssehub.cluster;

import module java.base;

/**
 * What a node shares with the other nodes of its hub.
 *
 * @param node the name of this node, different from that of every other node
 * @param presence the active subscriptions of all nodes
 * @param peers questions to the other nodes
 * @param leases tasks that one node does for all
 * @param rates how often publishers publish, on all nodes together
 */
public record Cluster(String node, Presence presence, Peers peers, Leases leases, Rates rates) {
    /** Returns the cluster of a node that has no other nodes. */
    public static Cluster alone() {
        return new Cluster("1", Presence.ALONE, Peers.ALONE, Leases.ALONE, Rates.ALONE);
    }
}
