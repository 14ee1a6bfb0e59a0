package dev.ssehub.cluster;

import module java.base;

/**
 * The presence of subscribers: what this node shows to the other nodes, and what they show. All of it expires with the node that shows
 * it. Any thread may call.
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

        /** Returns false if it is shown no more, and nobody was told that it ever was. */
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
         * Shows all again, because what this node has shown is lost. Does not block.
         *
         * @param ended whether the other nodes took this node for dead, and have said that all of it has ended
         */
        void lost(boolean ended);

        /**
         * Says that an entry of another node has ended, which has left or died. Only one node says so.
         *
         * @return whether it could be said; if not, it is tried again
         */
        boolean ended(Entry entry);
    }

    /** Begins to share. Called once, before the first call of {@link #show}. */
    void start(Listener listener);

    /** Shows the newest state of a subscriber, soon if not at once. Does not wait for that. */
    void show(Shown shown);

    /**
     * Returns what the other nodes show under the ids that begin with this. The stream reads one part after another, and blocks
     * while it does.
     *
     * @throws ClusterUnavailableException at once or from the stream, if some of it may be missing
     */
    Stream<Entry> others(String prefix);
}
