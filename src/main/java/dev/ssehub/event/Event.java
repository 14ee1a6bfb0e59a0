package dev.ssehub.event;

import module java.base;
import org.jspecify.annotations.Nullable;

/** An update with a position and an id. Immutable. An event is encoded once, and all subscribers share the bytes. */
public final class Event {
    /** The approximate memory of a string without its characters, in bytes. */
    private static final int STRING_OVERHEAD = 48;

    private final long position;
    private final String id;
    private final String checkpoint;
    private final List<String> topics;
    private final boolean isPrivate;
    private final byte[] frame;
    private final int size;
    private volatile byte @Nullable [] annotation;

    /** Creates the event of an update, and encodes it. */
    public Event(long position, String id, String checkpoint, Update update) {
        this.position = position;
        this.id = id;
        this.checkpoint = checkpoint;
        this.topics = update.topics();
        this.isPrivate = update.isPrivate();
        this.frame = EventEncoder.event(id, update.fields());
        this.size = frame.length + topics.stream().mapToInt(topic -> topic.length() + STRING_OVERHEAD).sum();
    }

    /** Returns the position in the order of all events of this hub: 1, 2, 3, ... */
    public long position() {
        return position;
    }

    /** Returns the id on the wire: the publisher's id if the publisher chose one, otherwise the checkpoint. */
    public String id() {
        return id;
    }

    /** Returns the id that the hub assigned. Every subscriber may learn it, unlike a publisher's id. */
    public String checkpoint() {
        return checkpoint;
    }

    /** Returns the topics. The first topic is the canonical one. */
    public List<String> topics() {
        return topics;
    }

    /** Returns whether a subscriber needs a permission for one of the topics to receive the event. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** Returns the bytes to send. The array is shared and must not be changed. */
    public byte[] frame() {
        return frame;
    }

    /** Returns the lines with the checkpoint and the topics. They are encoded on first use and shared like the frame. */
    public byte[] annotation() {
        byte[] lines = annotation;
        if (lines == null) {
            lines = EventEncoder.annotation(checkpoint, topics);
            annotation = lines;
        }
        return lines;
    }

    /** Returns the approximate size of the event in memory, in bytes. */
    public int size() {
        return size;
    }
}
