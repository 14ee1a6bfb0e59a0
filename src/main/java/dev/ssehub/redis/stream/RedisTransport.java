package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.thread.Turns;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/** The transport of a hub with several nodes, which share a stream in Redis. */
public final class RedisTransport implements Transport {
    /** If a place has room for fewer local events than this, a new entry is requested, which has the next place. */
    private static final long ROOM = 512;
    private static final Duration MAX_LAG = Duration.ofSeconds(1);

    private final SharedStream stream;
    private final String node;
    private final Duration limit;
    private final Link link = new Link();
    private final Semaphore removals = new Semaphore(1, true);
    private final AtomicReference<@Nullable Pending> roomRequest = new AtomicReference<>();
    private volatile @Nullable Started started;
    private volatile boolean refuses;

    private record Started(Arrivals arrivals, Reached reached, StreamReader reader, StreamWriter writer) {}

    /** @param node the name of this node, different from that of every other process */
    public RedisTransport(Redis redis, RedisSettings settings, String node) {
        this.stream = new SharedStream(redis, settings.stream(), node);
        this.node = node;
        this.limit = settings.timeout().multipliedBy(3);
    }

    @Override
    public void start(Listener listener, long newest) {
        try {
            join(listener, newest, stream.exchange(Place.of(newest)));
        } catch (JedisException e) {
            String why = "Redis cannot be used: " + Redis.reason(e);
            throw new UncheckedIOException(why, new IOException(why, e));
        }
    }

    private void join(Listener listener, long newest, Answer answer) {
        // a node that had no event before has missed none, so it begins after those that Redis has given up
        long before = newest == 0 ? Math.max(answer.begin(), answer.trimmed()) : Place.of(newest);
        listener.begin(newest == 0 ? Place.position(before) : newest);
        RedisClock clock = new RedisClock(System::nanoTime);
        Reached reached = new Reached(before);
        Arrivals arrivals = new Arrivals(listener, node, stream, clock, reached);
        StreamReader reader = new StreamReader(stream, arrivals, reached, link, clock);
        reader.start(answer);
        StreamWriter writer = new StreamWriter(stream, arrivals, reached, link);
        writer.start();
        started = new Started(arrivals, reached, reader, writer);
    }

    @Override
    public boolean findsRepetitions() {
        return true;
    }

    private Started requireOpen() {
        Started now = started;
        if (now == null || refuses) {
            throw new HubClosedException();
        }
        return now;
    }

    @Override
    public List<String> publish(List<Publication> together) {
        Started open = requireOpen();
        return together.getFirst().local()
                ? publishLocal(open, together)
                : send(open, together.stream().map(it -> new Pending(Item.of(it.update()), it)).toList());
    }

    @Override
    public void forget(String topic) {
        Started open = requireOpen();
        send(open, List.of(new Pending(Item.forget(topic), null)));
        try {
            removeFromRedis(topic, open.reached().place());
        } catch (JedisException e) {
            throw new HistoryUnavailableException(
                    "all nodes forget the topic, but Redis could not remove its events; repeat the request", e);
        }
    }

    /** One at a time, because Redis looks through the whole stream. */
    private void removeFromRedis(String topic, long before) {
        Turns.withoutTurn(removals::acquireUninterruptibly);
        try {
            stream.forget(topic, before);
        } finally {
            removals.release();
        }
    }

    private List<String> send(Started open, List<Pending> items) {
        String outage = link.outage();
        if (outage != null) {
            throw new HistoryUnavailableException(outage);
        }
        open.writer().add(Request.of(items));
        long end = System.nanoTime() + limit.toNanos();
        try {
            return items.stream().map(item -> item.await(Duration.ofNanos(Math.max(0, end - System.nanoTime())))).toList();
        } finally {
            items.forEach(open.arrivals()::drop);
        }
    }

    private List<String> publishLocal(Started open, List<Publication> together) {
        if (open.arrivals().room() < ROOM) {
            requestRoom(open);
        }
        List<Addition> additions = open.arrivals().addLocal(together);
        if (additions.isEmpty()) {
            send(open, List.of(new Pending(Item.room(), null)));
            additions = open.arrivals().addLocal(together);
        }
        if (additions.isEmpty()) {
            throw new HistoryUnavailableException("there are too many local events in a row");
        }
        return additions.stream().map(Addition::await).toList();
    }

    /** Makes room for local events, without waiting for it. */
    private void requestRoom(Started open) {
        Pending request = new Pending(Item.room(), null);
        Pending before = roomRequest.get();
        if ((before == null || before.isDone()) && link.outage() == null && roomRequest.compareAndSet(before, request)) {
            if (before != null) {
                open.arrivals().drop(before);
            }
            open.writer().add(Request.of(List.of(request)));
        }
    }

    @Override
    public boolean catchUp() {
        Started now = started;
        if (now == null || link.outage() != null) {
            return false;
        }
        Request request = Request.of(List.of());
        now.writer().add(request);
        AtomicBoolean level = new AtomicBoolean();
        Turns.withoutTurn(() -> level.set(isLevel(now, request.count())));
        return level.get();
    }

    private boolean isLevel(Started now, CompletableFuture<Long> count) {
        try {
            return now.reached().await(count.get(limit.toNanos(), TimeUnit.NANOSECONDS), MAX_LAG);
        } catch (ExecutionException | TimeoutException _) {
            return false; // Redis does not answer
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public long shared(long position) {
        return Place.position(Place.of(position));
    }

    @Override
    public Optional<String> outage() {
        return Optional.ofNullable(link.outage());
    }

    @Override
    public void refuse() {
        refuses = true;
    }

    @Override
    public void close() {
        refuses = true;
        Started now = started;
        if (now != null) {
            now.writer().close();
            now.reader().close();
        }
    }
}
