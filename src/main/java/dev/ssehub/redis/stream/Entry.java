package dev.ssehub.redis.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.resps.StreamEntryBinary;

/**
 * An entry of the stream.
 *
 * @param id its id in Redis, from which to read on
 * @param number the number of the entry among all entries of the stream, or 0 if it has none
 * @param node the node that has sent it; empty if Redis has added it, or if it cannot be read
 * @param item the number of the {@link Item} among those of the node
 */
record Entry(long place, String id, long number, String node, long item, Content content) {
    /** The form that this version writes and reads. A later version writes another form only when all nodes can read it. */
    private static final String FORM = "1";

    /** What an entry says. */
    sealed interface Content {}

    record Published(Update update) implements Content {}

    record Forgotten(String topic) implements Content {}

    /** Entries before this one may be lost for good. */
    record Lost() implements Content {}

    record Room() implements Content {}

    /** @param why the end of a sentence that begins with the entry */
    record Unreadable(String why) implements Content {}

    /** Another program has added the entry. */
    record Foreign() implements Content {}

    static Entry of(StreamEntryBinary entry) {
        StreamEntryID id = entry.getID();
        long place = Place.of(HubId.position(id.getTime(), Math.min(id.getSequence(), HubId.MAX_SEQUENCE)));
        Map<byte[], byte[]> fields = entry.getFields();
        try {
            if (text(fields, "v") == null) {
                return new Entry(place, id.toString(), 0, "", 0, new Foreign());
            }
            long number = Long.parseLong(String.valueOf(text(fields, "n")));
            if (!FORM.equals(text(fields, "v"))) {
                return new Entry(place, id.toString(), number, "", 0, new Unreadable("has the form " + text(fields, "v")
                        + ", which this version of the hub does not know"));
            }
            String from = Objects.requireNonNullElse(text(fields, "from"), ":0");
            int colon = from.lastIndexOf(':');
            return new Entry(place, id.toString(), number, from.substring(0, colon),
                    Long.parseLong(from.substring(colon + 1)), content(fields));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return new Entry(place, id.toString(), 0, "", 0, new Unreadable("cannot be read: " + e.getMessage()));
        }
    }

    private static Content content(Map<byte[], byte[]> fields) {
        String operation = Objects.requireNonNullElse(text(fields, "op"), "");
        return switch (operation) {
            case "" -> new Published(Update.encoded(List.of(required(fields, "t").split("\n")), text(fields, "i"),
                    fields.get(key("p")) != null, fields.get(key("e")) != null, bytes(fields, "f")));
            case Item.FORGET -> new Forgotten(required(fields, "t"));
            case Item.LOST -> new Lost();
            case Item.ROOM -> new Room();
            default -> new Unreadable("says '" + operation + "', which this version of the hub does not know");
        };
    }

    private static byte[] key(String name) {
        return name.getBytes(UTF_8);
    }

    private static byte[] bytes(Map<byte[], byte[]> fields, String name) {
        byte[] value = fields.get(key(name));
        if (value == null) {
            throw new IllegalArgumentException("it has no field " + name);
        }
        return value;
    }

    private static @Nullable String text(Map<byte[], byte[]> fields, String name) {
        byte[] value = fields.get(key(name));
        return value == null ? null : new String(value, UTF_8);
    }

    private static String required(Map<byte[], byte[]> fields, String name) {
        return new String(bytes(fields, name), UTF_8);
    }

    /** Returns the approximate size in bytes. */
    int size() {
        return content instanceof Published published ? published.update().size() + 200 : 200;
    }
}
