package dev.ssehub.redis.cluster;

import module java.base;
import static java.util.stream.Collectors.joining;

import dev.ssehub.cluster.Leases;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/** Leases in Redis. One thread renews those that this node holds, and tries to get the others. */
final class RedisLeases implements Leases, AutoCloseable {
    // Redis has a record for each task. It names the node that has renewed the lease last, and each renewal changes it.
    // A node that holds a lease relies on it for five seconds, counted from just before it sent the renewal. Another
    // node takes the lease when it has seen the same record for five seconds, counted from just after it first saw the
    // record. By then, the holder does not rely on the lease any more. Each node measures only durations, so their
    // clocks need not agree. A holder that gives up writes that the lease is free, and the next node takes it at once.
    // In any case, a node that has taken the lease waits for half a second before it holds it.
    //
    // Redis can lose records: it is restarted without its data or with old data, or a replica that lagged takes its
    // place. Each time, a new run of Redis begins. A record has the run in which it was written. In a later run, its
    // node cannot renew it, it does not mean that the lease is free, and each node sees it as a new one and waits for
    // five seconds. If there is no record, the first node that looks writes one, which stands for no holder. So a
    // record that was replaced never comes back.
    //
    // A frozen process finds its time over when it wakes up. A command that reaches Redis late does no harm, because
    // the script compares the record with the one that the node has seen.

    /**
     * How long a node relies on a lease after a renewal, and how long a record must stay the same until another node
     * takes it.
     */
    static final Duration TERM = Duration.ofSeconds(5);
    /** The time between two renewals. */
    static final Duration PAUSE = Duration.ofSeconds(1);
    /** When a lease passes to another node, no node holds it for this long. */
    static final Duration QUIET = Duration.ofMillis(500);

    private static final System.Logger LOG = System.getLogger(RedisLeases.class.getName());
    private static final String LEAVE = "leave";

    private static final Script RENEW = Script.beside(RedisLeases.class, "lease.lua");

    private final Function<List<String>, List<String>> redis;
    private final String node;
    private final LongSupplier nanoTime;
    private final Map<String, Task> tasks = new ConcurrentHashMap<>();
    private long rounds;
    private long answered;
    private boolean pauses;
    private @Nullable PeriodicTask thread;

    /**
     * Creates leases that no thread renews, for tests.
     *
     * @param redis runs the script with its arguments
     * @param node the name of this node, different from that of every other node and of every earlier process
     */
    RedisLeases(Function<List<String>, List<String>> redis, String node, LongSupplier nanoTime) {
        this.redis = redis;
        this.node = node;
        this.nanoTime = nanoTime;
        this.answered = nanoTime.getAsLong();
    }

    /** Starts to renew leases. Does not wait for Redis. */
    static RedisLeases start(Redis redis, String node) {
        RedisLeases leases = new RedisLeases(arguments -> run(redis, arguments), node, System::nanoTime);
        leases.thread = PeriodicTask.start("cluster-leases", PAUSE, leases::renew);
        return leases;
    }

    @SuppressWarnings("unchecked") // the script answers with a list of texts
    static List<String> run(Redis redis, List<String> arguments) {
        return (List<String>) redis.runText(RENEW, List.of(new Keys(redis).leases()), arguments);
    }

    @Override
    public Lease open(String name) {
        return Objects.requireNonNull(tasks.compute(name, (_, before) -> {
            if (before != null && !before.closed) {
                throw new IllegalStateException("the lease " + name + " is open already");
            }
            return new Task(name);
        }));
    }

    /** Renews the leases that this node holds, and tries to get the others. Called by one thread at a time. */
    void renew() {
        List<Task> asked = List.copyOf(tasks.values());
        if (asked.isEmpty()) {
            return;
        }
        long sent = nanoTime.getAsLong();
        List<String> wishes = asked.stream().map(task -> task.wish(sent)).toList();
        try {
            List<String> seen = ask(asked, wishes);
            long received = nanoTime.getAsLong();
            for (int i = 0; i < asked.size(); i++) {
                if (wishes.get(i).equals(LEAVE)) {
                    tasks.remove(asked.get(i).name, asked.get(i));
                } else {
                    asked.get(i).learn(seen.get(i), sent, received);
                }
            }
            goOn(received);
        } catch (JedisException e) {
            pause(e);
        }
    }

    private List<String> ask(List<Task> asked, List<String> wishes) {
        List<String> arguments = new ArrayList<>(List.of(node, Long.toString(++rounds)));
        for (int i = 0; i < asked.size(); i++) {
            Collections.addAll(arguments, asked.get(i).name, wishes.get(i));
        }
        return redis.apply(arguments);
    }

    private void goOn(long now) {
        answered = now;
        if (pauses) {
            pauses = false;
            LOG.log(Level.INFO, "Redis gives leases again");
        }
    }

    private void pause(JedisException cause) {
        if (!pauses && nanoTime.getAsLong() - answered >= TERM.toNanos()) {
            pauses = true;
            LOG.log(Level.WARNING, "Redis gives no leases, so on all nodes, these feeds pause: "
                    + tasks.keySet().stream().sorted().collect(joining(", ")) + "; " + Redis.reason(cause));
        }
    }

    /** Gives all leases up. Blocks until Redis has answered, unless it has not answered before. Closing again does nothing. */
    @Override
    public void close() {
        if (thread != null) {
            thread.close();
        }
        List<Task> open = List.copyOf(tasks.values());
        open.forEach(Task::close);
        tasks.clear();
        if (!open.isEmpty() && !pauses) {
            try {
                ask(open, Collections.nCopies(open.size(), LEAVE));
            } catch (JedisException e) {
                LOG.log(Level.DEBUG, "the leases of this node end by themselves", e);
            }
        }
    }

    /** The time in which this node holds a lease, as {@link System#nanoTime}. */
    private record Held(long from, long until) {
        boolean contains(long now) {
            return now - from >= 0 && now - until < 0;
        }
    }

    /** A lease, and what this node knows about it. Only the thread that renews changes what it knows. */
    private final class Task implements Lease {
        private final String name;
        private String seen = "";
        private long seenSince;
        private volatile Held held;
        private volatile boolean closed;

        Task(String name) {
            this.name = name;
            long now = nanoTime.getAsLong();
            this.held = new Held(now, now);
        }

        String wish(long now) {
            return closed ? LEAVE : now - seenSince >= TERM.toNanos() ? seen : "";
        }

        /** @param sees what the node sees of the task; empty if it has the lease */
        void learn(String sees, long sent, long received) {
            if (sees.isEmpty()) {
                boolean isNew = received - held.until >= 0;
                held = new Held(isNew ? received + QUIET.toNanos() : held.from, sent + TERM.toNanos());
                if (isNew) {
                    LOG.log(Level.INFO, "this node publishes for all nodes: it has the lease " + name);
                }
            } else if (!sees.equals(seen)) {
                seen = sees;
                seenSince = received;
            }
        }

        @Override
        public boolean isHeld() {
            return !closed && held.contains(nanoTime.getAsLong());
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
