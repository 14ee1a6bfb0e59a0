package dev.ssehub.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** The threads that write to the streams. Any thread may add a stream that has something to write. */
public final class Drainers {

    // All streams wait in one line. A drainer is a virtual thread that takes the first stream, lets it write once, and puts it
    // back at the end of the line if it has more to write. So about as many threads write as there are cores, and a stream with
    // much to write does not delay the others.
    //
    // A write to a client that reads slowly blocks its drainer, but must not delay the other streams. So while the line is not
    // empty, one more drainer is always started that has not begun to run. Virtual threads are not preempted: this drainer begins
    // when a core is free because another drainer has blocked or ended. In total there are as many drainers as cores and slow
    // clients, plus one.
    //
    // Publishers and new connections need the cores too. So a drainer ends after a short turn, and the next drainer is scheduled
    // behind the threads that have waited longer.

    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Queue<Predicate<Chunk>> line = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean starting = new AtomicBoolean();

    /** @param stream writes once, with the chunk, and returns whether it has more to write; called by one drainer at a time */
    void add(Predicate<Chunk> stream) {
        line.add(stream);
        startOne();
    }

    private void startOne() {
        if (starting.get() || !starting.compareAndSet(false, true)) {
            return;
        }
        boolean started = false;
        try {
            Thread.ofVirtual().name("drainer").start(this::drain);
            started = true;
        } finally {
            if (!started) {
                starting.set(false); // or no drainer would ever be started again
            }
        }
    }

    private void drain() {
        starting.set(false); // before the line is polled: a thread that adds a stream from now on starts another drainer
        long end = System.nanoTime() + TURN_NANOS;
        Chunk chunk = new Chunk();
        for (Predicate<Chunk> stream = line.poll(); stream != null; stream = line.poll()) {
            if (!line.isEmpty()) {
                startOne();
            }
            if (stream.test(chunk)) {
                line.add(stream);
            }
            if (System.nanoTime() - end >= 0) {
                if (!line.isEmpty()) {
                    startOne();
                }
                return;
            }
        }
    }
}
