package dev.ssehub.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The threads that write to the streams. A stream for which something waits is put in line. Any thread may do that. */
public final class Drainers {

    // All streams wait in one line. A drainer, a virtual thread, takes the first, writes once, and puts it at the end of the
    // line if there is more. So as few threads write as there are cores, and a stream that has much to write does not keep
    // the others waiting.
    //
    // A write to a client that reads slowly blocks its drainer. The others must not wait for that: while the line is not
    // empty, one more drainer has been started that has not begun yet. Virtual threads are not preempted, so it begins just
    // when a core is free: because a drainer blocks, or has ended. There are as many drainers as there are cores and slow
    // clients, and one.
    //
    // Others need the cores, too: publishers, new connections. So a drainer ends after a turn, and the one that waits comes
    // after whoever has waited for longer.

    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Queue<EventStream> line = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean called = new AtomicBoolean();

    /** Has it written to. */
    void add(EventStream stream) {
        line.add(stream);
        callOne();
    }

    private void callOne() {
        if (called.get() || !called.compareAndSet(false, true)) {
            return;
        }
        boolean started = false;
        try {
            Thread.ofVirtual().name("drainer").start(this::drain);
            started = true;
        } finally {
            if (!started) {
                called.set(false); // or nobody would ever be called again
            }
        }
    }

    private void drain() {
        called.set(false); // before the line is looked at: who adds to it from now on calls another
        long end = System.nanoTime() + TURN_NANOS;
        Chunk chunk = new Chunk();
        for (EventStream stream = line.poll(); stream != null; stream = line.poll()) {
            if (!line.isEmpty()) {
                callOne();
            }
            if (stream.drain(chunk)) {
                line.add(stream);
            }
            if (System.nanoTime() - end >= 0) {
                if (!line.isEmpty()) {
                    callOne();
                }
                return;
            }
        }
    }
}
