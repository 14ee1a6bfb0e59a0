package dev.ssehub.cluster;

import module java.base;

/** Asks the other nodes of the hub, and answers what they ask. Thread-safe. */
public interface Peers {
    /** The longest question and the longest answer, in characters. */
    int MAX_TEXT = 1 << 20;

    /** For a node that has no other nodes. */
    Peers ALONE = new Peers() {
        @Override
        public List<String> others() {
            return List.of();
        }

        @Override
        public Replies ask(Collection<String> nodes, String question) {
            return Replies.NONE;
        }

        @Override
        public void answerWith(UnaryOperator<String> answer) {}
    };

    /**
     * What the nodes have answered.
     *
     * @param byNode the answers, by the name of the node
     * @param missing the nodes that have not answered, and why
     */
    record Replies(SortedMap<String, String> byNode, SortedMap<String, String> missing) {
        /** For a question that no node was asked. */
        public static final Replies NONE = new Replies(Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    /** Returns the names of the other nodes, as far as this node knows them, in order. Does not block. */
    List<String> others();

    /**
     * Asks other nodes. Blocks until all have answered, but never longer than a time limit of about two seconds. A node
     * that is missing in the replies may still receive the question, but only within this limit.
     *
     * @param question up to {@link #MAX_TEXT} characters
     */
    Replies ask(Collection<String> nodes, String question);

    /**
     * Sets the function that answers the questions of other nodes. Before, they get no answer. Called once.
     *
     * @param answer called on a thread of its own, one question at a time; returns up to {@link #MAX_TEXT} characters
     */
    void answerWith(UnaryOperator<String> answer);
}
