package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Presence.Entry;
import dev.ssehub.cluster.Presence.Listener;
import dev.ssehub.cluster.Presence.Shown;
import dev.ssehub.cluster.Presence.State;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisSettings;

/** A node without threads: the test makes each of its steps. */
final class FakeNode implements Listener, AutoCloseable {
    private static final Duration CLAIM = Duration.ofMinutes(1);

    final Redis redis;
    final Keys keys;
    final String name;
    final Members members;
    final PresenceWriter writer;
    final GoneNodes gone;
    final Map<String, Subscriber> subscribers = new TreeMap<>();
    /** What this node has told to have ended. */
    final Queue<Entry> told = new ConcurrentLinkedQueue<>();
    /** How often this node was told that it had lost all, and to publish all of it again. */
    final List<Boolean> lost = new ArrayList<>();
    /** What this node can tell before its history is full. */
    final AtomicInteger room = new AtomicInteger(Integer.MAX_VALUE);

    /** A subscriber of one topic. */
    final class Subscriber implements Shown {
        private final String id;
        private volatile Optional<String> text = Optional.empty();
        /** What the other nodes have seen. */
        volatile Optional<String> seen = Optional.empty();

        Subscriber(String id) {
            this.id = id;
        }

        @Override
        public Stream<String> ids() {
            return Stream.of(id);
        }

        @Override
        public State now() {
            Optional<String> now = text;
            return new State(now, () -> seen = now);
        }

        @Override
        public boolean isNeeded() {
            return text.isPresent() || seen.isPresent();
        }
    }

    FakeNode(RedisSettings settings, String name) {
        this.redis = new Redis(settings);
        this.keys = new Keys(redis);
        this.name = name;
        this.members = new Members(redis, name, Duration.ofHours(1));
        this.writer = new PresenceWriter(redis, name, this);
        this.gone = new GoneNodes(redis, name, CLAIM, this);
    }

    /** Shows a text, or nothing, without writing it. */
    Subscriber show(String id, String text) {
        Subscriber subscriber = subscribers.computeIfAbsent(id, Subscriber::new);
        subscriber.text = Optional.of(text).filter(it -> !it.isEmpty());
        writer.add(subscriber);
        return subscriber;
    }

    /** Is alive, and writes what it has to write. */
    void step() {
        members.enter();
        writer.write(); // it may find that it must begin anew
        do {
            writer.write();
        } while (writer.isBusy());
    }

    /** Returns what the other nodes show. */
    List<Entry> others(String prefix) {
        List<Entry> entries = new ArrayList<>();
        new OtherNodes(redis, name, prefix, Duration.ZERO).forEachRemaining(entries::add);
        return entries;
    }

    /** Returns the ids that the other nodes show. */
    List<String> ids(String prefix) {
        return others(prefix).stream().map(Entry::id).toList();
    }

    /** Lets the other nodes believe that this node has died. */
    void seemDead() {
        redis.client().zincrby(keys.nodes(), -Duration.ofHours(2).toMillis(), name);
    }

    @Override
    public void lost(boolean ended) {
        lost.add(ended);
        subscribers.values().stream().filter(it -> it.text.isPresent()).forEach(writer::add);
    }

    @Override
    public boolean ended(Entry entry) {
        return room.getAndDecrement() > 0 && told.add(entry);
    }

    @Override
    public void close() {
        redis.close();
    }
}
