package dev.ssehub.http;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.ssehub.hub.TopicSelector;

/** What all streams together may take of the heap. Any thread may call. */
final class StreamMemory {

    // What a name takes in its subscription and in the registry, as was measured; a template, which is kept as it was written and
    // in its parts, takes more.
    private static final int NAME = 200;
    private static final int CHARACTER = 2;
    private static final int TEMPLATE = 800;
    private static final int VARIABLE = 200;
    private static final int TEMPLATE_CHARACTER = 2 * CHARACTER;
    /** So much for its topics is in what is reckoned for each stream. */
    private static final int FREE = 4 * 1024;

    private final long perStream;
    private final AtomicLong left;

    /** @param perStream
     *            what one of few topics takes */
    StreamMemory(long bytes, long perStream) {
        this.left = new AtomicLong(bytes);
        this.perStream = perStream;
    }

    /** What a stream with these topics takes. */
    long of(List<TopicSelector> selectors) {
        return perStream + Math.max(0, selectors.stream().mapToLong(StreamMemory::of).sum() - FREE);
    }

    private static long of(TopicSelector selector) {
        long length = selector.text().length();
        int variables = selector.variables();
        return variables == 0 ? NAME + CHARACTER * length : TEMPLATE + VARIABLE * variables + TEMPLATE_CHARACTER * length;
    }

    /** Takes so many bytes, and returns whether they are there. */
    boolean take(long bytes) {
        return left.getAndUpdate(now -> now >= bytes ? now - bytes : now) >= bytes;
    }

    /** Gives back what was taken. */
    void giveBack(long bytes) {
        left.addAndGet(bytes);
    }

    /** How many bytes are left. */
    long left() {
        return left.get();
    }
}
