package dev.ssehub.limit;

import java.util.concurrent.atomic.AtomicLong;

import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;

/** What all streams together may take of the heap. Any thread may call. */
public final class StreamCost {

    // What a name takes in its subscription and in the registry, as was measured; a template, which is kept as it was written and
    // in its parts, takes more; most where each of these is a branch of the registry's tree, in which what is granted is not. What is
    // not ASCII is percent codes there.
    private static final int NAME = 200;
    private static final int CHARACTER = 2;
    private static final int TEMPLATE = 1_000;
    private static final int VARIABLE = 700;
    private static final int GRANTED_VARIABLE = 100;
    private static final int TEMPLATE_CHARACTER = 4;
    private static final int TEMPLATE_CODES = 12;

    private final long perStream;
    private final AtomicLong left;

    /** @param perStream what one takes besides its topics */
    public StreamCost(long bytes, long perStream) {
        this.left = new AtomicLong(bytes);
        this.perStream = perStream;
    }

    /** What its stream takes. What a token grants is held for each stream, too. */
    long of(Subscription subscription) {
        return perStream + subscription.selectors().stream().mapToLong(it -> of(it, TEMPLATE, VARIABLE)).sum()
                + subscription.permission().seePrivate().stream().mapToLong(it -> of(it, NAME, GRANTED_VARIABLE)).sum();
    }

    private static long of(TopicSelector selector, int template, int variable) {
        long length = selector.text().length();
        if (selector.variables() == 0) {
            return NAME + CHARACTER * length;
        }
        long ascii = selector.text().chars().filter(c -> c < 0x80).count();
        return template + (long) variable * selector.variables() + TEMPLATE_CHARACTER * ascii + TEMPLATE_CODES * (length - ascii);
    }

    /** As many streams without topics could take these bytes: one at least, and no more than so many. */
    int streams(long bytes, int most) {
        return Math.clamp(bytes / perStream, 1, most);
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
