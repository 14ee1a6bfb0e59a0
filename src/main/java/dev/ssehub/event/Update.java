package dev.ssehub.event;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.Names;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher hands in. It becomes an {@link Event} when it gets a position among all events and, unless its publisher
 * chose one, an id. Immutable. All of its frame but the id is encoded when it is created, on the publisher's thread.
 */
public final class Update {

    /** The greatest number of topics of an update. */
    public static final int MAX_TOPICS = 20;
    /** Stands for the beginning of the history where a client names the last event that it has (Mercure). */
    public static final String EARLIEST = "earliest";

    private static final Pattern HUB_ID = Pattern.compile("[0-9]+-[0-9]+");

    private final List<String> topics;
    private final @Nullable String id;
    private final boolean isPrivate;
    private final byte[] fields;

    /**
     * Creates an update.
     *
     * @param topics its topics; the first is the canonical one
     * @param data the text, of any number of lines
     * @param type the event type that a browser dispatches; {@code null} for {@code message}
     * @param id the publisher's own id; {@code null} to let the hub assign one
     * @param retryMillis the client's reconnection time from now on; {@code null} to leave it unchanged
     * @param isPrivate whether only those subscribers receive it that have a grant for one of its topics
     * @throws IllegalArgumentException if there is no topic or too many, if a topic, the id or the type contains characters that
     *     are not allowed, or if the id or the type is reserved for the hub; the message says which
     */
    public Update(List<String> topics, String data, @Nullable String type, @Nullable String id, @Nullable Long retryMillis,
            boolean isPrivate) {
        List<String> distinct = topics.stream().distinct().toList();
        if (distinct.isEmpty() || distinct.size() > MAX_TOPICS) {
            throw new LimitExceededException(Limit.TOPICS,
                    "an update needs a topic, and may have " + MAX_TOPICS + ", not " + distinct.size());
        }
        topics.forEach(topic -> Names.require("topic", topic));
        if (type != null && HubEvents.TYPES.contains(type.strip())) {
            throw new IllegalArgumentException(
                    "the type must not be one of the hub's own: " + String.join(", ", HubEvents.TYPES));
        }
        if (id != null) {
            requireId(id);
        }
        this.topics = distinct;
        this.id = id;
        this.isPrivate = isPrivate;
        this.fields = EventEncoder.fields(type, retryMillis, data);
    }

    /** Creates a public update of one topic with nothing but data. */
    public Update(String topic, String data) {
        this(List.of(topic), data, null, null, null, false);
    }

    /** Returns its topics; the first is the canonical one. */
    public List<String> topics() {
        return topics;
    }

    /** Returns the publisher's own id, or {@code null} if the hub assigns one. */
    public @Nullable String id() {
        return id;
    }

    /** Returns whether only those subscribers receive it that have a grant for one of its topics. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** Returns the number of bytes on the wire, without the id. */
    public int size() {
        return fields.length;
    }

    /** Returns its frame without the id. */
    byte[] fields() {
        return fields;
    }

    /** Clients send ids back in a header (Last-Event-ID), and some ids are reserved for the hub (Mercure). */
    private static void requireId(String id) {
        Names.require("id", id);
        if (!id.equals(id.strip()) || id.chars().anyMatch(c -> c > '~')) {
            throw new IllegalArgumentException(
                    "the id must be ASCII, and not begin or end with a space: it comes back in a header");
        }
        if (id.startsWith("#") || id.equals(EARLIEST) || HUB_ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "the id must not begin with #, be " + EARLIEST + ", or look like 1795355311271-0: those are the hub's own");
        }
    }
}
