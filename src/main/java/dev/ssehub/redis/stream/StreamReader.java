package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import redis.clients.jedis.exceptions.JedisException;

/** The thread that reads the stream, and finds out whether Redis answers. */
final class StreamReader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StreamReader.class.getName());
    /** How long Redis waits for the next entry. */
    private static final int WAIT_MILLIS = 500;
    private static final int MAX_ENTRIES = 500;
    /** The first read is small, because each entry may be large. */
    private static final int FIRST_ENTRIES = 8;
    /** A read with more bytes makes the next read smaller. */
    private static final int ENOUGH_BYTES = 2 << 20;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final SharedStream stream;
    private final Arrivals arrivals;
    private final Reached reached;
    private final Link link;
    private final RedisClock clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private int most = FIRST_ENTRIES;
    /** Whether this node has read to the end of the stream since the last failure. */
    private boolean joined;
    private int failures;

    StreamReader(SharedStream stream, Arrivals arrivals, Reached reached, Link link, RedisClock clock) {
        this.stream = stream;
        this.arrivals = arrivals;
        this.reached = reached;
        this.link = link;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("redis-reader").daemon().unstarted(this::run);
    }

    /**
     * Reads all entries that the stream has now, and starts the thread that reads the later ones.
     *
     * @param answer where the stream stands
     */
    void start(Answer answer) {
        readToEnd(answer, false);
        joined = true;
        thread.start();
    }

    private void readToEnd(Answer answer, boolean live) {
        clock.set(answer.millis());
        if (answer.trimmed() > reached.place()) {
            arrivals.loseUpTo(answer.trimmed(), live);
        }
        List<Entry> entries;
        do { // entries that are added meanwhile are not awaited
            entries = read(0);
            arrivals.take(entries, live);
        } while (!entries.isEmpty() && reached.number() < answer.count());
        reached.atEnd(answer.count());
    }

    private List<Entry> read(int waitMillis) {
        List<Entry> entries = stream.read(reached.id(), most, waitMillis);
        long bytes = entries.stream().mapToLong(Entry::size).sum();
        most = bytes > ENOUGH_BYTES ? Math.max(1, most / 2) : Math.min(MAX_ENTRIES, 2 * most);
        return entries;
    }

    private void run() {
        try {
            while (closed.getCount() > 0) {
                if (!succeeds() && closed.await(pauseMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The pause is random, so that the nodes do not all return at once. */
    private long pauseMillis() {
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
        return pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    }

    private boolean succeeds() {
        try {
            if (!joined || link.outage() != null) {
                readToEnd(link.outage() == null ? stream.exchange(reached.known()) : stream.tryToWrite(reached.known()), true);
                joined = true;
                link.succeeded();
            }
            List<Entry> entries = read(WAIT_MILLIS);
            if (!entries.isEmpty()) {
                arrivals.take(entries, true);
            }
            failures = 0;
            return true;
        } catch (JedisException e) {
            if (closed.getCount() > 0) {
                link.failed(e, "Redis cannot be used: ");
            }
        } catch (HistoryUnavailableException e) {
            link.failed(String.valueOf(e.getMessage()), "the history cannot take what comes from Redis: " + e.getMessage());
        } catch (RuntimeException e) {
            link.failed("the hub cannot publish now: it cannot read from Redis", thread.getName() + " failed and will try again");
            LOG.log(Level.ERROR, thread.getName() + " failed and will try again", e);
        }
        joined = false;
        failures++;
        return false;
    }

    /** Stops the thread. Waits up to two seconds for a read. Closing again does nothing. */
    @Override
    public void close() {
        closed.countDown();
        PeriodicTask.join(thread);
    }
}
