package dev.ssehub.cluster;

/** Where something holds: on each node by itself, or on all nodes of the hub together. */
public enum Scope {
    NODE, CLUSTER;
}
