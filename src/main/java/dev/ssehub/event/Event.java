package dev.ssehub.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An update with a position and an id. Immutable. It is encoded once, and all its receivers share the bytes. */
public final class Event {

    /** The approximate memory of a short string, without its characters. */
    private static final int STRING_OVERHEAD = 48;

    private final long position;
    private final String id;
    private final String checkpoint;
    private final List<String> topics;
    private final boolean isPrivate;
    private final byte[] frame;
    private final int size;
    private volatile byte @Nullable [] annotation;

    /**
     * Creates an event.
     *
     * @param position its position in the order of all events of this hub: 1, 2, 3, ...
     * @param id its id on the wire
     * @param checkpoint the id that the hub assigned; the same as {@code id} if its publisher chose none
     */
    public Event(long position, String id, String checkpoint, Update update) {
        this.position = position;
        this.id = id;
        this.checkpoint = checkpoint;
        this.topics = update.topics();
        this.isPrivate = update.isPrivate();
        this.frame = EventEncoder.event(id, update.fields());
        this.size = frame.length + topics.stream().mapToInt(topic -> topic.length() + STRING_OVERHEAD).sum();
    }

    /** Returns its position in the order of all events of this hub. */
    public long position() {
        return position;
    }

    /** Returns its id on the wire: the publisher's, or else the hub's. */
    public String id() {
        return id;
    }

    /** Returns the id that the hub assigned. Unlike a publisher's id, every subscriber may know it. */
    public String checkpoint() {
        return checkpoint;
    }

    /** Returns its topics; the first is the canonical one. */
    public List<String> topics() {
        return topics;
    }

    /** Returns whether only those subscribers may receive it that have a grant for one of its topics. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** Returns the bytes to send. They are shared and must not be changed. */
    public byte[] frame() {
        return frame;
    }

    /** Returns the lines that state its checkpoint and its topics. They are shared like the frame, and encoded on first use. */
    public byte[] annotation() {
        byte[] lines = annotation;
        if (lines == null) {
            lines = EventEncoder.annotation(checkpoint, topics);
            annotation = lines;
        }
        return lines;
    }

    /** Returns the approximate number of bytes that it holds in memory. */
    public int size() {
        return size;
    }
}
