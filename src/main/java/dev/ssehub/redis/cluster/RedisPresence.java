package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Presence;
import dev.ssehub.redis.Redis;

/** What the nodes show to each other, in Redis. */
final class RedisPresence implements Presence, AutoCloseable {
    private final Redis redis;
    private final String node;
    private final Duration deadAfter;
    private final Duration settling;
    private volatile Optional<Sharing> sharing = Optional.empty();

    /** The threads that share. */
    private record Sharing(PresenceWriter writer, GoneNodes gone) {}

    /**
     * Prepares the presence of this node, which is among the {@link Members}. Does not connect.
     *
     * @param deadAfter a node that was not heard of for this long is dead
     * @param settling how long the nodes may take to come back after Redis has lost its data; until then, no list is
     *     given out
     */
    RedisPresence(Redis redis, String node, Duration deadAfter, Duration settling) {
        this.redis = redis;
        this.node = node;
        this.deadAfter = deadAfter;
        this.settling = settling;
    }

    @Override
    public void start(Listener listener) {
        Sharing started = new Sharing(new PresenceWriter(redis, node, listener), new GoneNodes(redis, node, deadAfter, listener));
        sharing = Optional.of(started);
        started.writer().start();
        started.gone().start();
    }

    @Override
    public void show(Shown shown) {
        sharing.orElseThrow().writer().add(shown);
    }

    @Override
    public Stream<Entry> others(String prefix) {
        Iterator<Entry> entries = new OtherNodes(redis, node, prefix, settling);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(entries, Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    /** Stops sharing. What this node shows stays, until it leaves the {@link Members}. Closing again does nothing. */
    @Override
    public void close() {
        sharing.ifPresent(started -> {
            started.gone().close();
            started.writer().close();
        });
    }
}
