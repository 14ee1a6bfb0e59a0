package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.event.Update;
import org.jspecify.annotations.Nullable;

/**
 * Something that a node adds to the stream: an event or a marker.
 *
 * @param operation what a marker tells the nodes to do; empty for an event
 * @param update the update that becomes the event; {@code null} for a marker
 */
record Item(String operation, List<String> topics, @Nullable Update update) {
    static final String FORGET = "forget";
    static final String LOST = "lost";
    /** Tells the nodes to do nothing. But it has a place, so each node has room for more local events. */
    static final String ROOM = "room";

    private static final byte[] NOTHING = new byte[0];
    /** The approximate size of an item without its frame, in bytes. */
    private static final int OVERHEAD = 200;

    static Item of(Update update) {
        return new Item("", update.topics(), update);
    }

    static Item forget(String topic) {
        return new Item(FORGET, List.of(topic), null);
    }

    static Item room() {
        return new Item(ROOM, List.of(""), null);
    }

    /** Returns the publisher's own id, or {@code null}. */
    @Nullable
    String ownId() {
        return update == null ? null : update.id();
    }

    boolean isPrivate() {
        return update != null && update.isPrivate();
    }

    /** Returns whether the event ends its topics. */
    boolean ends() {
        return update != null && update.ends();
    }

    /** Returns the frame without the id. The array is shared and must not be changed. */
    byte[] frame() {
        return update == null ? NOTHING : update.fields();
    }

    /** Returns the approximate size in bytes. */
    int size() {
        return frame().length + OVERHEAD;
    }
}
