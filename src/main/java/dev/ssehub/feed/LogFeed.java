package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.PublishedBy;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the lines that are appended to a file, like {@code tail -F}: it starts at the current end of the file and continues
 * through rotations and truncations (see {@link FileTail} for the lines that it misses). The lines of one interval are one event,
 * joined by newlines, or several events if there are many.
 */
public final class LogFeed implements Feed {
    /** The bytes of lines in an event. A longer line is an event of its own. */
    static final int MAX_EVENT_BYTES = 65_536;

    // While another node publishes, the file is closed. When this node takes over, it opens the file at its end, as at the start.

    private final String topic;
    private final Path file;
    private final Reach reach;
    private final Source source;
    private volatile @Nullable FileTail tail;
    private final Ticker ticker;
    private final StringBuilder waiting = new StringBuilder();
    private int waitingBytes;

    /**
     * Starts to publish to a topic. While this node is the publisher, no lines are missed that are appended after this returns. The
     * file need not exist yet.
     */
    public LogFeed(Hub hub, String topic, Duration interval, Path file, InstantSource clock, Reach reach) {
        this.topic = topic;
        this.file = file;
        this.reach = reach;
        this.source = new Source(hub, PublishedBy.LOG_FEED, reach);
        this.tail = source.isPublisher() ? open() : null;
        this.ticker = new Ticker("feed-log", interval, clock, this::tick);
    }

    private FileTail open() {
        return new FileTail(file, new LineSplitter(this::add));
    }

    private void tick() throws IOException {
        if (!source.isPublisher()) {
            closeFile();
            return;
        }
        FileTail opened = Objects.requireNonNullElseGet(tail, this::open);
        tail = opened;
        try {
            opened.read();
        } finally {
            publish();
        }
    }

    private void closeFile() {
        FileTail opened = tail;
        if (opened != null) {
            opened.close();
            tail = null;
        }
    }

    private void add(String line) {
        int bytes = line.getBytes(UTF_8).length + 1;
        if (waitingBytes + bytes > MAX_EVENT_BYTES) {
            publish();
        }
        waiting.append(waitingBytes == 0 ? "" : "\n").append(line);
        waitingBytes += bytes;
    }

    private void publish() {
        if (waitingBytes > 0) {
            String lines = waiting.toString();
            waiting.setLength(0);
            waitingBytes = 0;
            source.publish(new Update(List.of(topic), lines, "log", null, null, false));
        }
    }

    @Override
    public void close() {
        FileTail opened = tail;
        if (opened != null) {
            opened.stop();
        }
        source.close();
        ticker.close();
        closeFile();
        reach.lease().close();
    }
}
