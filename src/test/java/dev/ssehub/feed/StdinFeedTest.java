package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** {@code JarIT} tests a real standard input. */
class StdinFeedTest {
    @Test
    void eachLineIsAnEventAndTheLastLineNeedsNoNewline() throws Exception {
        Pipe pipe = Pipe.open();
        try (Events events = new Events("builds"); StdinFeed _ = new StdinFeed(events.hub, "builds", pipe.source())) {
            pipe.sink().write(ByteBuffer.wrap("one\r\n\nthr".getBytes(UTF_8)));
            assertThat(events.next()).isEqualTo(new Events.Event("", "one"));
            assertThat(events.next().data()).isEmpty();
            pipe.sink().write(ByteBuffer.wrap(("ee\n" + "x".repeat(9000) + "\nlast").getBytes(UTF_8)));
            assertThat(events.next().data()).isEqualTo("three");
            assertThat(events.next().data()).isEqualTo("x".repeat(8192) + " … (cut: 808 more bytes)");
            assertThat(events.isEmpty()).isTrue();
            pipe.sink().close();
            assertThat(events.next().data()).isEqualTo("last");
        }
    }

    @Test
    void closingEndsABlockedRead() throws Exception {
        Pipe pipe = Pipe.open();
        try (Events events = new Events("builds"); Pipe.SinkChannel sink = pipe.sink()) {
            StdinFeed feed = new StdinFeed(events.hub, "builds", pipe.source());
            sink.write(ByteBuffer.wrap("one\n".getBytes(UTF_8)));
            assertThat(events.next().data()).isEqualTo("one");
            feed.close();
            feed.close();

            assertThat(pipe.source().isOpen()).isFalse();
            assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("feed-stdin");
        }
    }

    @Test
    void closingTheHubEndsTheFeed() throws Exception {
        Pipe pipe = Pipe.open();
        try (Events events = new Events("builds"); Pipe.SinkChannel sink = pipe.sink()) {
            events.hub.close();
            try (StdinFeed _ = new StdinFeed(events.hub, "builds", pipe.source())) {
                sink.write(ByteBuffer.wrap("one\n".getBytes(UTF_8)));

                await().atMost(Duration.ofSeconds(10)).until(() -> !pipe.source().isOpen());
            }
        }
    }
}
