package dev.ssehub.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;

/**
 * Publishes what is appended to a file, as {@code tail -F} shows it: from the end of the file as it is at the start, through
 * rotations and truncations (see {@link FileTail} for what cannot be seen). What came in one interval is one event, its lines
 * joined by newlines, or several if that is much.
 */
public final class LogFeed implements Feed {

    /** An event has so many bytes of lines, but always one line. */
    static final int MAX_EVENT_BYTES = 65_536;

    private final Hub hub;
    private final String topic;
    private final FileTail tail;
    private final Ticker ticker;
    private final StringBuilder waiting = new StringBuilder();
    private int waitingBytes;

    /** Starts publishing to a topic; what is appended from now on is not missed. The file need not be there yet. */
    public LogFeed(Hub hub, String topic, Duration interval, Path file, InstantSource clock) {
        this.hub = hub;
        this.topic = topic;
        this.tail = new FileTail(file, new LineSplitter(this::add));
        this.ticker = new Ticker("feed-log", interval, clock, this::tick);
    }

    private void tick() throws IOException {
        try {
            tail.read();
        } finally {
            publish();
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
            hub.publish(new Update(List.of(topic), lines, "log", null, null, false));
        }
    }

    @Override
    public void close() {
        tail.stop();
        ticker.close();
        tail.close();
    }
}
