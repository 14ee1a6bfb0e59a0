package dev.ssehub.event;

import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.subscriber.Drain;

/**
 * What a publisher hands in. It becomes an {@link Event} when it has been given an id and a place in the order of all events.
 * Immutable; encoded when it is made, on the publisher's thread, all but the id.
 */
public final class Update {

    /** An update may have so many topics. */
    public static final int MAX_TOPICS = 20;
    /** Stands for the beginning of the history where a client says what it has seen last (Mercure). */
    public static final String EARLIEST = "earliest";

    /** An event of this type says, instead of a stream, that there are too many, and when to come again. */
    public static final String OVERLOAD_TYPE = "overload";

    /** With these the hub speaks of the stream itself. */
    private static final List<String> HUBS_TYPES = List.of(Gap.TYPE, Drain.EXPIRED_TYPE, OVERLOAD_TYPE);
    private static final Pattern HUBS_ID = Pattern.compile("[0-9]+-[0-9]+");

    private final List<String> topics;
    private final @Nullable String id;
    private final boolean isPrivate;
    private final byte[] fields;

    /**
     * @param topics what it concerns; the first is the canonical one
     * @param data the text, of any number of lines
     * @param type the event type that a browser dispatches it as, {@code null} for {@code message}
     * @param id the publisher's own id for it, {@code null} for one of the hub's
     * @param retryMillis how long a client waits from now on before it reconnects, {@code null} to leave that as it is
     * @param isPrivate whether only those subscribers get it that were granted one of the topics
     * @throws IllegalArgumentException if there is no topic or too many, a topic, the id or the type has characters that it must
     *     not have, or id or type is one of the hub's own; the message says which
     */
    public Update(List<String> topics, String data, @Nullable String type, @Nullable String id, @Nullable Long retryMillis,
            boolean isPrivate) {
        List<String> distinct = topics.stream().distinct().toList();
        if (distinct.isEmpty() || distinct.size() > MAX_TOPICS) {
            throw new LimitExceededException(Limit.TOPICS,
                    "an update needs a topic, and may have " + MAX_TOPICS + ", not " + distinct.size());
        }
        topics.forEach(topic -> requireName("topic", topic));
        if (type != null && HUBS_TYPES.contains(type.strip())) {
            throw new IllegalArgumentException("the type must not be one of the hub's own: " + String.join(", ", HUBS_TYPES));
        }
        if (id != null) {
            requireId(id);
        }
        this.topics = distinct;
        this.id = id;
        this.isPrivate = isPrivate;
        this.fields = EventEncoder.fields(type, retryMillis, data);
    }

    /** An update of one topic, for everyone, with nothing but data. */
    public Update(String topic, String data) {
        this(List.of(topic), data, null, null, null, false);
    }

    /** What it concerns. */
    public List<String> topics() {
        return topics;
    }

    /** The publisher's own id for it, {@code null} if the hub is to give it one. */
    public @Nullable String id() {
        return id;
    }

    /** Whether only those get it who were granted one of its topics. */
    public boolean isPrivate() {
        return isPrivate;
    }

    /** How many bytes it has on the wire, but for the id. */
    public int size() {
        return fields.length;
    }

    /** Its frame but for the id. */
    byte[] fields() {
        return fields;
    }

    /** Refuses what is empty or would break a line, in a stream, a header or a log. */
    public static void requireName(String what, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the " + what + " must not be empty");
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new IllegalArgumentException("the " + what
                        + " must not contain control characters, found U+%04X at %d".formatted((int) name.charAt(i), i));
            }
        }
    }

    /** It comes back in a header (Last-Event-ID), and there are ids that only the hub may use (Mercure). */
    private static void requireId(String id) {
        requireName("id", id);
        if (!id.equals(id.strip()) || id.chars().anyMatch(c -> c > '~')) {
            throw new IllegalArgumentException(
                    "the id must be ASCII, and not begin or end with a space: it comes back in a header");
        }
        if (id.startsWith("#") || id.equals(EARLIEST) || HUBS_ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "the id must not begin with #, be " + EARLIEST + ", or look like 1795355311271-0: those are the hub's own");
        }
    }
}
