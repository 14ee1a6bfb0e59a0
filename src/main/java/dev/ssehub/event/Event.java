package dev.ssehub.event;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** An update that has its place: immutable, encoded once, its frame shared by all who receive it. */
public final class Event {

    /** What a short text takes in memory besides its characters, about. */
    private static final int TEXT_OVERHEAD = 48;

    private final long position;
    private final String id;
    private final String checkpoint;
    private final List<String> topics;
    private final boolean isPrivate;
    private final byte[] frame;
    private final int size;
    private volatile byte @Nullable [] place;

    /**
     * @param position its place in the order of all events of this hub, from 1, without holes
     * @param id what it has on the wire
     * @param checkpoint the id that the hub has given it; the same if its publisher chose none
     */
    public Event(long position, String id, String checkpoint, Update update) {
        this.position = position;
        this.id = id;
        this.checkpoint = checkpoint;
        this.topics = update.topics();
        this.isPrivate = update.isPrivate();
        this.frame = EventEncoder.event(id, update.fields());
        this.size = frame.length + topics.stream().mapToInt(topic -> topic.length() + TEXT_OVERHEAD).sum();
    }

    public long position() {
        return position;
    }

    public String id() {
        return id;
    }

    /** An id for those who may not know the one that its publisher chose. */
    public String checkpoint() {
        return checkpoint;
    }

    public List<String> topics() {
        return topics;
    }

    /** Whether only those may have it who were granted one of its topics. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** The bytes to send. They are shared: nobody may change them. */
    public byte[] frame() {
        return frame;
    }

    /**
     * The lines that say where it has its place, and on which topics. They are shared like the frame; there are none before
     * somebody asks.
     */
    public byte[] place() {
        byte[] lines = place;
        if (lines == null) {
            lines = EventEncoder.place(checkpoint, topics);
            place = lines;
        }
        return lines;
    }

    /** So many bytes does it hold in memory, about. */
    public int size() {
        return size;
    }
}
