package dev.ssehub.redis.cluster;

import module java.base;
import static java.util.stream.Collectors.joining;

/**
 * A message in the inbox of a node.
 *
 * @param id the id of the question
 * @param from the node that asks or answers
 * @param text the answer; empty for a question, because its text has a key of its own
 */
record Message(Kind kind, String id, String from, String text) {
    /** The form of a message. Nodes of another version may send others, which are ignored. */
    private static final String VERSION = "1";
    private static final int PARTS = 5;

    enum Kind {
        QUESTION, ANSWER
    }

    /** Returns the message that a text stands for, or nothing if it has another form. */
    static Optional<Message> parse(String text) {
        String[] parts = text.split("\n", PARTS);
        return parts.length == PARTS && parts[0].equals(VERSION)
                ? Stream.of(Kind.values()).filter(kind -> kind.name().equals(parts[1])).findFirst()
                        .map(kind -> new Message(kind, parts[2], parts[3], parts[4]))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return Stream.of(VERSION, kind.name(), id, from, text).collect(joining("\n"));
    }
}
