package dev.ssehub.hub;

import module java.base;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.UriTemplate;

/** The streams that have ended last. Their number and their memory are limited. Thread-safe. */
public final class EndedStreams {
    private static final int MAX_STREAMS = 1_000;
    private static final long MAX_BYTES = Math.min(8 << 20, Runtime.getRuntime().maxMemory() / 64);
    /** The approximate memory of a stream, and of a selector without its text, in bytes. */
    private static final int STREAM_BYTES = 1024;
    private static final int SELECTOR_BYTES = 256;

    private final Deque<Ended> streams = new ArrayDeque<>();
    private long bytes;
    private Instant since;

    /**
     * A stream that has ended.
     *
     * @param status the stream at its end, with the reason
     * @param delivered the position up to which the hub had offered all events to its streams
     */
    public record Ended(StreamStatus status, Instant time, long delivered) {}

    /**
     * The streams that ended since a time, the newest first.
     *
     * @param since no stream that ended after this time is missing; earlier ones are
     */
    public record Recent(List<Ended> streams, Instant since) {}

    EndedStreams(Instant now) {
        since = now;
    }

    synchronized void add(Ended stream) {
        streams.addFirst(stream);
        bytes += bytes(stream);
        while (streams.size() > MAX_STREAMS || (bytes > MAX_BYTES && streams.size() > 1)) {
            Ended oldest = streams.removeLast();
            bytes -= bytes(oldest);
            since = oldest.time();
        }
    }

    private static long bytes(Ended stream) {
        return STREAM_BYTES + bytes(stream.status().selectors()) + bytes(stream.status().permission().seePrivate());
    }

    private static long bytes(SelectorSet selectors) {
        long bytes = selectors.any() ? SELECTOR_BYTES : 0;
        for (String topic : selectors.exact()) {
            bytes += SELECTOR_BYTES + 2L * topic.length();
        }
        for (UriTemplate template : selectors.templates()) {
            bytes += SELECTOR_BYTES + 2L * template.text().length();
        }
        return bytes;
    }

    public synchronized Recent recent() {
        return new Recent(List.copyOf(streams), since);
    }
}
