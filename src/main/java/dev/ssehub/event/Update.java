package dev.ssehub.event;

import module java.base;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.Names;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher publishes. The hub gives it a position and, unless the publisher chose one, an id; then it is an
 * {@link Event}. Immutable. The constructor encodes the frame except for the id, on the publisher's thread.
 */
public final class Update {
    /** The maximum number of topics of an update. */
    public static final int MAX_TOPICS = 20;
    /** The last event id with which a client asks for the whole history (Mercure). */
    public static final String EARLIEST = "earliest";

    private static final Pattern HUB_ID = Pattern.compile("[0-9]+-[0-9]+");

    private final List<String> topics;
    private final @Nullable String id;
    private final boolean isPrivate;
    private final boolean ends;
    private final byte[] fields;

    /**
     * Creates an update.
     *
     * @param topics the topics; the first topic is the canonical one
     * @param data the text; it may have any number of lines
     * @param type the event type that a browser dispatches; {@code null} for {@code message}
     * @param id the publisher's own id; {@code null} to let the hub assign the id
     * @param retryMillis the client's new reconnection time; {@code null} to leave it unchanged
     * @param isPrivate whether a subscriber needs a permission for one of the topics to receive the event
     * @throws IllegalArgumentException if there are no or too many topics, if a topic, the id or the type contains a character
     *     that is not allowed, or if the id or the type is reserved for the hub; the message says which
     */
    public Update(List<String> topics, String data, @Nullable String type, @Nullable String id, @Nullable Long retryMillis,
            boolean isPrivate) {
        List<String> distinct = topics.size() == 1 ? List.copyOf(topics) : topics.stream().distinct().toList();
        if (distinct.isEmpty() || distinct.size() > MAX_TOPICS) {
            throw new LimitExceededException(Limit.TOPICS,
                    "an update must have 1 to " + MAX_TOPICS + " topics, not " + distinct.size());
        }
        topics.forEach(topic -> Names.require("topic", topic));
        if (type != null && HubEvents.TYPES.contains(type.strip())) {
            throw new IllegalArgumentException(
                    "the type must not be one of the hub's own: " + String.join(", ", HubEvents.TYPES));
        }
        if (id != null) {
            requireId(id);
        }
        this(distinct, id, isPrivate, false, EventEncoder.fields(type, retryMillis, data));
    }

    private Update(List<String> distinct, @Nullable String id, boolean isPrivate, boolean ends, byte[] fields) {
        this.topics = distinct;
        this.id = id;
        this.isPrivate = isPrivate;
        this.ends = ends;
        this.fields = fields;
    }

    /**
     * Returns an update that another node has encoded.
     *
     * @param fields the {@link #fields} of the update; the array must not be changed
     */
    public static Update encoded(List<String> topics, @Nullable String id, boolean isPrivate, boolean ends, byte[] fields) {
        return new Update(topics, id, isPrivate, ends, fields);
    }

    /** Creates a public update with one topic and default values. */
    public Update(String topic, String data) {
        this(List.of(topic), data, null, null, null, false);
    }

    /** Returns the same update as the last one of its topics: its event marks them as complete. */
    public Update ending() {
        return new Update(topics, id, isPrivate, true, fields);
    }

    /** Returns the topics. The first topic is the canonical one. */
    public List<String> topics() {
        return topics;
    }

    /** Returns the publisher's own id, or {@code null} if the hub assigns one. */
    public @Nullable String id() {
        return id;
    }

    public boolean isPrivate() {
        return isPrivate;
    }

    /** Returns whether the event ends its topics. */
    public boolean ends() {
        return ends;
    }

    /** Returns the size of the frame without the id, in bytes. */
    public int size() {
        return fields.length;
    }

    /** Returns the frame without the id. The array is shared and must not be changed. */
    public byte[] fields() {
        return fields;
    }

    /** Checks that the id can be sent in the header Last-Event-ID and is not reserved for the hub (Mercure). */
    private static void requireId(String id) {
        Names.require("id", id);
        if (!id.equals(id.strip()) || id.chars().anyMatch(c -> c > '~')) {
            throw new IllegalArgumentException(
                    "the id must be ASCII, and not begin or end with a space: clients send it back in a header");
        }
        if (id.startsWith("#") || id.equals(EARLIEST) || HUB_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("the id must not begin with #, be " + EARLIEST
                    + ", or look like 1795355311271-0: these ids are reserved for the hub");
        }
    }
}
