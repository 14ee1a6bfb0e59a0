package dev.ssehub.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.Bench;
import dev.ssehub.bench.BenchResult;
import dev.ssehub.bench.BenchSettings;
import dev.ssehub.bench.Target;

/** Publishes the events of a run, each at its time. */
public final class Publisher implements AutoCloseable {

    // One thread. Until its end, others may read only what is atomic or volatile.
    //
    // The schedule is fixed: event n is due n / rate seconds after the start, and its stamp says so. One that has to wait,
    // because too many are unanswered or this thread is late, is sent late with the time at which it was due: the wait is in its
    // latency. What cannot be sent by the end is held back.

    private static final long POLL_NANOS = 500_000;

    private final BenchSettings.Publishing publishing;
    private final Stamp stamp;
    private final int[] readers;
    private final long epoch;
    private final long start;
    private final long duration;
    private final String[] heads;
    private final String[] bodies;
    private final BitSet acknowledged = new BitSet();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong expected = new AtomicLong();
    private final Pipeline pipeline;
    private final Thread thread;
    private int next;
    private int planned;
    private int heldBack;
    private int refused;
    private @Nullable String firstRefusal;
    private volatile boolean stopped;
    private volatile boolean closed;
    private volatile @Nullable Throwable defect;

    /**
     * Connects, and starts to publish.
     *
     * @param readers how many subscribers each topic has
     * @param epoch when the clock of the run began, in terms of {@link System#nanoTime}
     * @throws IOException if there is no connection
     */
    public Publisher(BenchSettings settings, InetSocketAddress address, Stamp stamp, int[] readers, long epoch)
            throws IOException {
        this.publishing = Objects.requireNonNull(settings.publishing());
        this.stamp = stamp;
        this.readers = readers;
        this.epoch = epoch;
        this.duration = settings.duration().toNanos();
        this.planned = settings.events();
        Map<String, String> headers = settings.headers(Map.of("Content-Type", publishing.type()));
        this.heads = new String[readers.length];
        this.bodies = new String[readers.length];
        for (int topic = 0; topic < readers.length; topic++) {
            heads[topic] = publishing.target().head("POST", topic, headers);
            bodies[topic] = Target.withTopic(publishing.body(), topic);
        }
        this.pipeline = new Pipeline(address, this::take);
        this.start = System.nanoTime();
        this.thread = Thread.ofPlatform().name("bench-publisher").daemon().unstarted(this::run);
        thread.start();
    }

    /** How many events were sent so far. */
    public long sent() {
        return sent.get();
    }

    /** How many deliveries have to come for the events that were acknowledged so far. */
    public long expected() {
        return expected.get();
    }

    /** Whether nothing more will be sent, and every answer is there. */
    public boolean hasEnded() {
        return !thread.isAlive();
    }

    /** Sends nothing more, but still takes the answers. */
    public void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    /** What has been published; to be asked after its end. */
    public BenchResult.Events result() {
        return new BenchResult.Events(next, acknowledged.cardinality(), refused, firstRefusal, heldBack);
    }

    /** The numbers of the events that were acknowledged; to be asked after its end. */
    public BitSet acknowledged() {
        return acknowledged;
    }

    /** What has ended it, if that was neither its schedule nor {@link #close}. */
    public @Nullable Throwable defect() {
        return defect;
    }

    private void run() {
        try (pipeline) {
            while (!closed && !(next == planned && pipeline.isIdle())) {
                boolean moved = pipeline.move();
                moved |= publishDue();
                if (stopped || (isOver() && (!moved || pipeline.isFull()))) {
                    heldBack += due() - next;
                    planned = next;
                }
                if (!moved) {
                    LockSupport.parkNanos(pause());
                }
            }
        } catch (IOException e) {
            take(next++, "cannot be reached any more: " + e.getMessage());
            heldBack = planned - next;
        } catch (RuntimeException | Error e) {
            defect = e;
        }
    }

    private boolean publishDue() throws IOException {
        int before = next;
        int due = due();
        while (next < due && !pipeline.isFull() && !stopped) {
            pipeline.add(next, request(next));
            next++;
        }
        sent.set(next);
        return next > before;
    }

    private boolean isOver() {
        return System.nanoTime() - start >= duration;
    }

    /** How many events are due by now, those that were sent among them. */
    private int due() {
        return (int) Math.min(planned, 1 + (long) ((System.nanoTime() - start) / 1e9 * publishing.rate()));
    }

    private byte[] request(int number) {
        int topic = number % readers.length;
        String data = stamp.data(number, start - epoch + nanos(number), publishing.size());
        byte[] body = bodies[topic].replace(BenchSettings.Publishing.DATA, data).getBytes(UTF_8);
        ByteArrayOutputStream request = new ByteArrayOutputStream(heads[topic].length() + 64 + body.length);
        request.writeBytes((heads[topic] + "Content-Length: " + body.length + "\r\n\r\n").getBytes(ISO_8859_1));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private void take(int number, @Nullable String problem) {
        if (problem == null) {
            acknowledged.set(number);
            expected.addAndGet(readers[number % readers.length]);
        } else {
            refused++;
            firstRefusal = Objects.requireNonNullElse(firstRefusal, problem);
        }
    }

    /** When an event is due, nanoseconds after the start. */
    private long nanos(int number) {
        return (long) (number * 1e9 / publishing.rate());
    }

    /** Until the next event is due, or an answer may be there. */
    private long pause() {
        boolean waits = !pipeline.isIdle() || next == planned;
        long untilDue = start + nanos(next) - System.nanoTime();
        return waits ? Math.min(POLL_NANOS, untilDue > 0 ? untilDue : POLL_NANOS) : untilDue;
    }

    /** Ends it. Closing twice does nothing. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Bench.awaitEnd(thread);
    }
}
