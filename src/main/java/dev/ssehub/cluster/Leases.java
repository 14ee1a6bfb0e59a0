package dev.ssehub.cluster;

/** Hands out tasks that one node at a time does for all nodes. Thread-safe. */
public interface Leases {
    /** For a node that has no other nodes: it does every task itself. */
    Leases ALONE = _ -> Lease.ALWAYS;

    /**
     * Lets this node compete for a task until the lease is closed. Does not block.
     *
     * @param task the name of the task; this node must not have another open lease for it
     */
    Lease open(String task);

    /** The right to do a task now. This node may get it and lose it any number of times. Thread-safe. */
    interface Lease extends AutoCloseable {
        /** A lease that this node always holds. */
        Lease ALWAYS = new Lease() {
            @Override
            public boolean isHeld() {
                return true;
            }

            @Override
            public void close() {}
        };

        /**
         * Returns whether this node may do the task now. Does not block. Two nodes never get {@code true} at the same time. When the
         * right passes on, at least half a second goes by in which no node has it.
         */
        boolean isHeld();

        /** Gives the lease up, so that another node can hold it soon. Does not block. Closing again does nothing. */
        @Override
        void close();
    }
}
