package dev.ssehub.redis.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.redis.Script;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XReadParams;

/**
 * The stream in Redis that holds the events of all nodes. Each method sends a command, and fails if Redis does not
 * answer. Thread-safe.
 */
final class SharedStream {
    private static final Script EXCHANGE = Script.beside(SharedStream.class, "exchange.lua");
    private static final Script FORGET = Script.beside(SharedStream.class, "forget.lua");
    private static final int FORGET_AT_ONCE = 500;

    private final Redis redis;
    private final Bounds bounds;
    private final String node;
    private final String events;
    private final String ids;
    private final String state;
    private final String writer;
    /** How often this node has tried to write. Only the reader changes it. */
    private long tries;

    SharedStream(Redis redis, Bounds bounds, String node) {
        this.redis = redis;
        this.bounds = bounds;
        this.node = node;
        this.events = redis.key("events");
        this.ids = redis.key("ids");
        this.state = redis.key("state");
        this.writer = redis.key("writer:" + node);
    }

    /**
     * Adds items to the stream, all at once. Sending them again with the same numbers is harmless.
     *
     * @param known the newest place that this node knows
     * @param first the number of the first item among all items of this node
     */
    Answer exchange(long known, long first, List<Item> items) {
        return exchange(node, writer, known, first, items);
    }

    private Answer exchange(String from, String counter, long known, long first, List<Item> items) {
        List<byte[]> arguments = new ArrayList<>(5 + 7 * items.size());
        arguments.add(number(known));
        arguments.add(bytes(from));
        arguments.add(number(bounds.maxEvents()));
        arguments.add(number(bounds.maxAge().toMillis()));
        arguments.add(number(bounds.maxBytes()));
        long number = first;
        for (Item item : items) {
            arguments.add(number(number++));
            arguments.add(bytes(item.operation()));
            arguments.add(bytes(String.join("\n", item.topics())));
            arguments.add(bytes(Objects.requireNonNullElse(item.ownId(), "")));
            arguments.add(bytes(item.isPrivate() ? "1" : ""));
            arguments.add(bytes(item.ends() ? "1" : ""));
            arguments.add(item.frame());
        }
        return Answer.of(redis.run(EXCHANGE, List.of(events, ids, state, counter), arguments));
    }

    /** Adds nothing, but asks where the stream stands. */
    Answer exchange(long known) {
        return exchange(known, 0, List.of());
    }

    /** Asks where the stream stands, and adds an entry that says nothing: Redis may answer, but take no entries. Called by the reader. */
    Answer tryToWrite(long known) {
        return exchange(node + "/try", writer + "/try", known, ++tries, List.of(Item.room()));
    }

    /**
     * Returns the entries after an id.
     *
     * @param most the most entries
     * @param waitMillis how long Redis waits if there are none; 0 not to wait
     */
    List<Entry> read(String after, int most, int waitMillis) {
        XReadParams params = XReadParams.xReadParams().count(most);
        if (waitMillis > 0) {
            params.block(waitMillis);
        }
        var streams = redis.client().xreadBinary(params, Map.of(bytes(events), new StreamEntryID(after)));
        return streams == null || streams.isEmpty()
                ? List.of()
                : streams.getFirst().getValue().stream().map(Entry::of).toList();
    }

    /** Removes the events of a topic that are before a place. Blocks until all are removed. */
    void forget(String topic, long before) {
        @Nullable
        String after = "0-0";
        while (after != null) {
            Object next = redis.run(FORGET, List.of(events, ids, state),
                    List.of(bytes(topic), bytes(after), bytes(Place.id(before)), number(FORGET_AT_ONCE)));
            after = next instanceof byte[] id ? new String(id, UTF_8) : null;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] number(long number) {
        return bytes(Long.toString(number));
    }
}
