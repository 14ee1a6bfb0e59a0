package dev.ssehub.cluster;

import module java.base;

/**
 * The presence of subscribers: this node shows its own to the other nodes, and sees those of the others. Everything
 * that a node shows ends when the node leaves or dies. Any thread may call.
 */
public interface Presence {
    /** For a node that has no other nodes. */
    Presence ALONE = new Presence() {
        @Override
        public void start(Listener listener) {}

        @Override
        public void show(Shown shown) {
            shown.now().seen().run();
        }

        @Override
        public Stream<Entry> others(String prefix) {
            return Stream.empty();
        }
    };

    /** What one subscriber of this node shows: the same state under each of its ids. Any thread may call. */
    interface Shown {
        /** Returns the ids, always the same ones. They are ASCII, without spaces, and no other subscriber has them. */
        Stream<String> ids();

        /** Returns the newest state. */
        State now();

        /** Returns false if the ids are not shown any more, and no client was told that they ever were. */
        boolean isNeeded();
    }

    /**
     * The state of a subscriber at one moment.
     *
     * @param text what the other nodes see; empty if the ids are not shown any more
     * @param seen called when the other nodes see this state; may block for a while
     */
    record State(Optional<String> text, Runnable seen) {}

    /** What another node shows under an id. */
    record Entry(String id, String text) {}

    /** Hears what happens among the nodes. Called on threads of the presence. */
    interface Listener {
        /**
         * Shows everything of this node again, because it was lost. Does not block.
         *
         * @param ended whether the other nodes took this node for dead, and have told the clients that all of it has
         *     ended
         */
        void lost(boolean ended);

        /**
         * Tells the clients that an entry has ended, because its node has left or died. Only one node tells this.
         *
         * @return whether the clients were told; if not, this is called again later, here or on another node
         */
        boolean ended(Entry entry);
    }

    /** Begins to share. Called once, before the first call of {@link #show}. */
    void start(Listener listener);

    /** Shows the newest state of a subscriber, at once or soon. Does not wait for that. */
    void show(Shown shown);

    /**
     * Returns what the other nodes show under the ids that begin with this. The stream reads one part after another,
     * and blocks while it reads.
     *
     * @throws ClusterUnavailableException at once or from the stream, if something may be missing
     */
    Stream<Entry> others(String prefix);
}
