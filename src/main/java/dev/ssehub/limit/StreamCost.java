package dev.ssehub.limit;

import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;

/** Estimates the heap that a stream uses. Without its topics, a stream uses {@code perStream} bytes. */
record StreamCost(int perStream) {
    // The measured bytes of a selector in the subscription and the registry. A template needs more than a name, because it is
    // stored as text and as parts, and each part can be a branch of the registry's tree. The parts contain percent codes instead
    // of characters outside ASCII. The selectors that a token grants are not in the registry.
    private static final int NAME = 200;
    private static final int NAME_CHARACTER = 2;
    private static final int TEMPLATE = 1_000;
    private static final int TEMPLATE_ASCII = 4;
    private static final int TEMPLATE_OTHER = 12;
    private static final int VARIABLE = 700;
    private static final int GRANTED_VARIABLE = 100;

    /** Returns the bytes of a stream with this subscription, including the selectors of its permission. */
    long of(Subscription subscription) {
        return perStream + subscription.selectors().stream().mapToLong(it -> of(it, TEMPLATE, VARIABLE)).sum()
                + subscription.permission().seePrivate().stream().mapToLong(it -> of(it, NAME, GRANTED_VARIABLE)).sum();
    }

    private static long of(TopicSelector selector, int template, int variable) {
        long length = selector.text().length();
        if (selector.variables() == 0) {
            return NAME + NAME_CHARACTER * length;
        }
        long ascii = selector.text().chars().filter(c -> c < 0x80).count();
        return template + (long) variable * selector.variables() + TEMPLATE_ASCII * ascii + TEMPLATE_OTHER * (length - ascii);
    }

    /** Returns the number of streams without topics that use this many bytes, from 1 to {@code max}. */
    int streams(long bytes, int max) {
        return Math.clamp(bytes / perStream, 1, max);
    }
}
