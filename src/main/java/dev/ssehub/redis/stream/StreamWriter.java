package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** The thread that sends the items of this node to the stream. All items that arrive during an exchange go into the next one. */
final class StreamWriter implements AutoCloseable {
    // If the connection breaks during an exchange, the exchange is repeated once, because the connection may have been
    // an old one. Redis leaves out the items that it has already taken. After a timeout, the exchange is not repeated.
    // If there is no answer in the end, the publishers get an error, although Redis may have taken the events.

    private static final System.Logger LOG = System.getLogger(StreamWriter.class.getName());
    private static final int MAX_ITEMS = 500;
    private static final int MAX_BYTES = 1 << 20;

    private final SharedStream stream;
    private final Arrivals arrivals;
    private final Reached reached;
    private final Link link;
    private final BlockingQueue<Request> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private long sent;

    StreamWriter(SharedStream stream, Arrivals arrivals, Reached reached, Link link) {
        this.stream = stream;
        this.arrivals = arrivals;
        this.reached = reached;
        this.link = link;
        this.thread = Thread.ofPlatform().name("redis-writer").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Adds a request. A thread has one request at a time, so the queue is not longer than the number of threads that
     * wait.
     */
    void add(Request request) {
        queue.add(request);
        if (closed) {
            refuseAll();
        }
    }

    private void run() {
        try {
            while (!closed) {
                send(batch(queue.take()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            refuseAll();
        }
    }

    private void refuseAll() {
        HistoryUnavailableException why = new HistoryUnavailableException("the hub is stopping");
        for (Request next = queue.poll(); next != null; next = queue.poll()) {
            next.fail(why);
        }
    }

    private List<Request> batch(Request first) {
        List<Request> batch = new ArrayList<>();
        int items = 0;
        int bytes = 0;
        for (Request next = first; next != null;) {
            batch.add(next);
            items += next.items().size();
            bytes += next.items().stream().mapToInt(pending -> pending.item().size()).sum();
            next = batch.size() < MAX_ITEMS && items < MAX_ITEMS && bytes < MAX_BYTES ? queue.poll() : null;
        }
        return batch;
    }

    private void send(List<Request> batch) {
        String outage = link.outage();
        if (outage != null) {
            fail(batch, new HistoryUnavailableException(outage));
            return;
        }
        List<Pending> items = batch.stream().flatMap(request -> request.items().stream()).toList();
        long first = sent + 1;
        sent += items.size();
        arrivals.expect(first, items);
        try {
            Answer answer = exchange(first, items.stream().map(Pending::item).toList());
            settle(batch, items, answer);
        } catch (JedisException e) {
            link.failed(e, "Redis does not take events: ");
            fail(batch, new HistoryUnavailableException("the hub does not know whether Redis has taken the event", e));
        } catch (RuntimeException e) { // no publisher must wait for ever
            LOG.log(Level.ERROR, thread.getName() + " failed and goes on", e);
            fail(batch, new HistoryUnavailableException("the hub does not know whether the event was published", e));
        }
    }

    private Answer exchange(long first, List<Item> items) {
        try {
            return stream.exchange(reached.known(), first, items);
        } catch (JedisConnectionException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                throw e;
            }
            return stream.exchange(reached.known(), first, items);
        }
    }

    private void settle(List<Request> batch, List<Pending> items, Answer answer) {
        for (int i = 0; i < items.size(); i++) {
            Answer.Result result = answer.results().get(i);
            if (result instanceof Answer.Added added) {
                reached.know(added.place());
            }
            items.get(i).exchanged(result);
        }
        batch.forEach(request -> request.count().complete(answer.count()));
    }

    private static void fail(List<Request> batch, HistoryUnavailableException why) {
        batch.forEach(request -> request.fail(why));
    }

    /** Refuses the requests that wait, and stops the thread. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        PeriodicTask.join(thread);
        refuseAll();
    }
}
