package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** Publishes each event of a run at its due time, with a thread of its own. */
public final class Publisher implements AutoCloseable {
    // Until the publisher's thread has ended, other threads read only `sent` and `expected`.
    //
    // The schedule is fixed: event n is due n / rate seconds after the start, and its stamp contains that time. An event can be
    // sent later, because too many requests are unanswered or this thread is late. The latency includes that delay. Events that
    // are due but not sent by the end are held back.

    private static final long POLL_NANOS = 500_000;

    /** The published events; {@code firstRefusal} is the reason why the first refused event was refused. */
    public record Result(int published, int acknowledged, int refused, @Nullable String firstRefusal, int heldBack) {}

    private final LoadSettings.Publishing publishing;
    private final Stamp stamp;
    private final int[] readers;
    private final long start;
    private final long end;
    private final List<String> heads;
    private final BitSet acknowledged = new BitSet();
    private final AtomicLong expected = new AtomicLong();
    private final Pipeline pipeline;
    private final Thread thread;
    private int next;
    private int planned;
    private int heldBack;
    private int settled;
    private @Nullable String firstRefusal;
    private volatile int sent;
    private volatile boolean stopped;
    private volatile boolean closed;

    /** Connects and starts to publish; {@code readers} is the number of subscribers of each topic. */
    public Publisher(LoadSettings settings, LoadSettings.Publishing publishing, Stamp stamp, int[] readers, Workers workers)
            throws IOException {
        this.publishing = publishing;
        this.stamp = stamp;
        this.readers = readers;
        this.planned = settings.events();
        this.heads = settings.heads("POST", publishing.target(), "Content-Type", publishing.type());
        this.pipeline = new Pipeline(publishing.target(), this::take);
        this.start = stamp.now();
        this.end = start + settings.duration().toNanos();
        this.thread = workers.start("bench-publisher", this::run);
    }

    /** Returns the number of events sent so far. */
    public int sent() {
        return sent;
    }

    /** Returns the number of expected deliveries of all events that have been acknowledged so far. */
    public long expected() {
        return expected.get();
    }

    /** Returns whether the thread has ended, because all events are sent and answered. */
    public boolean hasEnded() {
        return !thread.isAlive();
    }

    /** Stops sending events. The thread still waits for the answers. Does not block. */
    public void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    /** Returns the result. Call it after {@link #close}. */
    public Result result() {
        int count = acknowledged.cardinality();
        return new Result(next, count, next - count, firstRefusal, heldBack); // every sent event has an outcome now
    }

    /** Returns the numbers of the events that were acknowledged. Call it after {@link #close}. */
    public BitSet acknowledged() {
        return acknowledged;
    }

    private void run() {
        try (pipeline) {
            while (!closed && !(next == planned && pipeline.isIdle())) {
                boolean moved = pipeline.transfer();
                moved |= publishDue();
                if (stopped || (stamp.now() >= end && (!moved || pipeline.isFull()))) {
                    heldBack += due() - next;
                    planned = next;
                }
                if (!moved) {
                    LockSupport.parkNanos(pause());
                }
            }
        } catch (IOException e) {
            next++;
            take(e.getMessage());
            heldBack = planned - next;
        }
    }

    private boolean publishDue() throws IOException {
        int before = next;
        for (int due = due(); next < due && !pipeline.isFull() && !stopped; next++) {
            publish(next, next % readers.length);
        }
        sent = next;
        return next > before;
    }

    private void publish(int number, int topic) throws IOException {
        String data = stamp.data(number, dueTime(number), publishing.size());
        byte[] body = Target.withTopic(publishing.body(), topic).replace(LoadSettings.DATA, data).getBytes(UTF_8);
        pipeline.add((heads.get(topic) + "Content-Length: " + body.length + "\r\n\r\n").getBytes(ISO_8859_1), body);
    }

    /** Takes the outcome of the oldest event without an outcome. */
    private void take(@Nullable String problem) {
        int number = settled++;
        if (problem == null) {
            acknowledged.set(number);
            expected.addAndGet(readers[number % readers.length]);
        } else {
            firstRefusal = Objects.requireNonNullElse(firstRefusal, problem);
        }
    }

    /** Returns the number of events that are due by now, including the sent ones. */
    private int due() {
        return (int) Math.min(planned, 1 + (long) ((stamp.now() - start) / 1e9 * publishing.rate()));
    }

    /** Returns the due time of an event, in nanoseconds on the run's clock. */
    private long dueTime(int number) {
        return start + (long) (number * 1e9 / publishing.rate());
    }

    /** Returns the time until the next event is due or answers must be polled, in nanoseconds. */
    private long pause() {
        boolean awaitsAnswer = !pipeline.isIdle() || next == planned;
        long untilDue = dueTime(next) - stamp.now();
        return awaitsAnswer ? Math.min(POLL_NANOS, untilDue > 0 ? untilDue : POLL_NANOS) : untilDue;
    }

    /** Closes the connection and blocks until the thread has ended. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Workers.awaitEnd(thread);
    }
}
