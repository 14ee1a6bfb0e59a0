package dev.ssehub.hub;

import java.util.List;

/**
 * An update that has its place: immutable, encoded once, its frame shared by all who receive it.
 */
final class Event {

    private final long position;
    private final String id;
    private final List<String> topics;
    private final byte[] frame;

    /**
     * @param position
     *            its place in the order of all events of this hub, from 1, without holes
     */
    Event(long position, String id, Update update) {
        this.position = position;
        this.id = id;
        this.topics = update.topics();
        this.frame = EventEncoder.event(id, update.type(), update.data());
    }

    long position() {
        return position;
    }

    String id() {
        return id;
    }

    List<String> topics() {
        return topics;
    }

    /** The bytes to send. They are shared: nobody may change them. */
    byte[] frame() {
        return frame;
    }
}
