package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.redis.Redis;

/** The names of the keys with which the nodes know of each other. */
record Keys(Redis redis) {
    /** A sorted set: the nodes that are alive, with the time when each was last heard of. */
    String nodes() {
        return redis.key("nodes");
    }

    /** A set: the nodes that have left or died, until the end of everything that they have shown is told. */
    String gone() {
        return redis.key("gone");
    }

    /** A lock that expires: the name of the node that tells the end of what the gone node has shown. */
    String claim(String gone) {
        return redis.key("gone:" + gone);
    }

    /** A sorted set: what a node shows. A member is an id, a space, and the text; all have the score 0, so they are in order. */
    String shown(String node) {
        return redis.key("shown:" + node);
    }

    /**
     * A hash: the number of the last write of each node, followed by a word while the node is writing everything again.
     */
    String marks() {
        return redis.key("marks");
    }

    /** A hash: the record of the lease of each task. */
    String leases() {
        return redis.key("leases");
    }

    /** A number that expires: the time that a publisher has used. */
    String rate(String publisher) {
        return redis.key("rate:" + publisher);
    }

    /** A number: the time when a node first wrote to this Redis. It is another one after Redis has lost its data. */
    String epoch() {
        return redis.key("epoch");
    }
}
