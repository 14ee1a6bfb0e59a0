package dev.ssehub.event;

import module java.base;
import org.jspecify.annotations.Nullable;

/** An update with a position and an id. Immutable. An event is encoded once, and all subscribers share the bytes. */
public final class Event {
    /** The approximate memory of a string without its characters, in bytes. */
    private static final int STRING_OVERHEAD = 48;

    private final long position;
    private final long loggedMillis;
    private final String id;
    private final List<String> topics;
    private final boolean isPrivate;
    private final boolean ends;
    private final boolean hasOwnId;
    private final byte[] frame;
    private final int size;
    private volatile byte @Nullable [] annotation;

    /**
     * Creates an event from its parts.
     *
     * @param ownId the publisher's own id; {@code null} if the hub's id is sent
     * @param loggedMillis when the event entered the history, on the clock of the history
     * @param topics the topics; the first topic is the canonical one
     * @param ends whether the event ends its topics, see {@link #ends}
     * @param frame the bytes to send, with the id
     */
    public Event(long position, @Nullable String ownId, long loggedMillis, List<String> topics, boolean isPrivate, boolean ends,
            byte[] frame) {
        this(position, ownId == null ? HubId.text(position) : ownId, ownId != null, loggedMillis, topics, isPrivate, ends, frame);
    }

    private Event(long position, String id, boolean hasOwnId, long loggedMillis, List<String> topics, boolean isPrivate,
            boolean ends,
            byte[] frame) {
        this.position = position;
        this.loggedMillis = loggedMillis;
        this.id = id;
        this.topics = topics;
        this.isPrivate = isPrivate;
        this.ends = ends;
        this.hasOwnId = hasOwnId;
        this.frame = frame;
        int bytes = frame.length;
        for (String topic : topics) {
            bytes += topic.length() + STRING_OVERHEAD;
        }
        this.size = bytes;
    }

    /**
     * Creates the event of an update, and encodes it.
     *
     * @param topics the topics of the update; events can share the list
     */
    public static Event of(Update update, long position, long loggedMillis, List<String> topics) {
        String ownId = update.id();
        String id = ownId == null ? HubId.text(position) : ownId;
        byte[] frame = EventEncoder.event(id, update.fields());
        return new Event(position, id, ownId != null, loggedMillis, topics, update.isPrivate(), update.ends(), frame);
    }

    /** Returns a small copy that takes the place of an event whose content is not needed any more. */
    public Event withoutFrame() {
        return new Event(position, id, hasOwnId, loggedMillis, topics, isPrivate, ends, new byte[0]);
    }

    /** Returns the position in the order of all events: the hub's id as a number. Positions increase, but have gaps. */
    public long position() {
        return position;
    }

    /** Returns when the event entered the history, in milliseconds on the clock of the history. */
    public long loggedMillis() {
        return loggedMillis;
    }

    /** Returns the id on the wire: the publisher's id if the publisher chose one, otherwise the checkpoint. */
    public String id() {
        return id;
    }

    /** Returns whether the publisher chose the id. */
    public boolean hasOwnId() {
        return hasOwnId;
    }

    /** Returns the id that the hub assigned. Every subscriber may learn it, unlike a publisher's id. */
    public String checkpoint() {
        return hasOwnId ? HubId.text(position) : id;
    }

    /** Returns the topics. The first topic is the canonical one. */
    public List<String> topics() {
        return topics;
    }

    /** Returns whether a subscriber needs a permission for one of the topics to receive the event. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** Returns whether the publisher has marked the topics as complete with this event. A later event of a topic opens it again. */
    public boolean ends() {
        return ends;
    }

    /** Returns the bytes to send. The array is shared and must not be changed. */
    public byte[] frame() {
        return frame;
    }

    /** Returns the lines with the checkpoint, the topics, and whether they end. They are encoded on first use and shared like the frame. */
    public byte[] annotation() {
        byte[] lines = annotation;
        if (lines == null) {
            lines = EventEncoder.annotation(checkpoint(), topics, ends);
            annotation = lines;
        }
        return lines;
    }

    /** Returns the approximate size of the event in memory, in bytes. */
    public int size() {
        return size;
    }
}
