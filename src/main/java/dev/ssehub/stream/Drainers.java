package dev.ssehub.stream;

import module java.base;

/** The threads that write to the streams. Thread-safe. */
final class Drainers {
    // Streams with something to write wait in one queue. A drainer is a virtual thread that takes the first stream, lets it write
    // once, and puts it back at the end of the queue if it has more to write. So a stream with many events does not delay others.
    //
    // A write to a slow client blocks its drainer, but must not delay the other streams. So while the queue is not empty, there
    // is always one drainer that was started but has not begun to write. Virtual threads are not preempted, so it runs when another
    // drainer blocks or ends and a core is free. There is about one drainer for each core and each slow client, plus one.
    //
    // Publishers and new connections need the cores, too. So a drainer ends after a short time, and the next drainer is scheduled
    // behind the threads that are already waiting. But a carrier looks for new connections only when it has no other thread to run,
    // and a row of drainers always gives it one. So when a row has lasted for that time, its next drainer first waits for a moment.

    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Queue<Predicate<Chunk>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean starting = new AtomicBoolean();

    /** @param stream writes once, with the chunk, and returns whether it has more to write; called by one drainer at a time */
    void add(Predicate<Chunk> stream) {
        queue.add(stream);
        if (!starting.get()) { // otherwise the time is not needed
            startDrainer(System.nanoTime());
        }
    }

    /** @param since when the row of drainers began */
    private void startDrainer(long since) {
        if (starting.get() || !starting.compareAndSet(false, true)) {
            return;
        }
        try {
            Thread.ofVirtual().name("drainer").start(() -> drain(since));
        } catch (Throwable e) {
            starting.set(false); // otherwise no drainer could be started any more
            throw e;
        }
    }

    private void drain(long since) {
        boolean sliceIsOver = System.nanoTime() - since >= SLICE_NANOS;
        if (sliceIsOver) {
            LockSupport.parkNanos(1);
        }
        starting.set(false); // before the queue is polled, so that a thread that adds a stream from now on starts another drainer
        long start = System.nanoTime();
        long first = sliceIsOver ? start : since;
        long end = start + SLICE_NANOS;
        Chunk chunk = new Chunk();
        Predicate<Chunk> stream = queue.poll();
        while (stream != null) {
            if (!queue.isEmpty()) {
                startDrainer(first);
            }
            if (stream.test(chunk)) {
                queue.add(stream);
            }
            stream = System.nanoTime() - end < 0 ? queue.poll() : null;
        }
        if (!queue.isEmpty()) {
            startDrainer(first);
        }
    }
}
