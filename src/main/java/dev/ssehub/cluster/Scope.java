package dev.ssehub.cluster;

/** Whether something, such as a limit, holds for each node by itself, or for all nodes of the hub together. */
public enum Scope {
    NODE, CLUSTER;
}
