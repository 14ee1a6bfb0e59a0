package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.server.FullDisk;
import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private final FullDisk disk = new FullDisk();

    @Test
    void keepsItsEventWhileTheHistoryIsUnavailable() throws Exception {
        try (LogCapture log = new LogCapture(); Events events = new Events("chat", disk)) {
            disk.fill();
            Source source = new Source(events.hub, PublishedBy.LOG_FEED, Reach.NODE, PAUSE);
            Thread thread = Thread.ofPlatform().name("feed-test").start(() -> {
                source.publish(new Update("chat", "one"));
                source.publish(new Update("chat", "two"));
            });
            await().atMost(Duration.ofSeconds(10)).until(() -> disk.refused() >= 5);
            assertThat(events.isEmpty()).isTrue();
            disk.free();

            assertThat(events.next()).isEqualTo(new Events.Event("", "one"));
            assertThat(events.next()).isEqualTo(new Events.Event("", "two"));
            thread.join();
            assertThat(log.warnings()).containsExactly("feed-test waits with its events: the disk is full");
        }
    }

    @Test
    void closingEndsTheWait() throws Exception {
        try (Events events = new Events("chat", disk)) {
            disk.fill();
            Source source = new Source(events.hub, PublishedBy.LOG_FEED, Reach.NODE, LONG);
            CompletableFuture<Void> published = CompletableFuture.runAsync(() -> source.publish(new Update("chat", "one")));
            await().atMost(Duration.ofSeconds(10)).until(() -> disk.refused() == 1);
            source.close();
            source.close();

            assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> published.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(HubClosedException.class);
        }
    }

    /** All feeds go through one outage: they wait, read no further, and lose nothing. */
    @Test
    void everyFeedWaits() throws Exception {
        Path file = Files.createFile(folder.resolve("log"));
        Pipe pipe = Pipe.open();
        Duration interval = Duration.ofMillis(100);
        try (LogCapture log = new LogCapture();
                Events events = new Events("*", disk);
                Feed _ = new TimeFeed(events.hub, "time", interval, Clock.systemUTC(), Reach.NODE);
                Feed _ = new SystemFeed(events.hub, "system", interval, InstantSource.system(), Reach.NODE);
                Feed _ = new LogFeed(events.hub, "log", interval, file, InstantSource.system(), Reach.NODE);
                Feed _ = new StdinFeed(events.hub, "stdin", pipe.source())) {
            disk.fill();
            Files.writeString(file, "one\n", StandardOpenOption.APPEND);
            pipe.sink().write(ByteBuffer.wrap("1\n2\n3\n".getBytes(UTF_8)));
            await().atMost(Duration.ofSeconds(10)).until(() -> log.warnings().size() == 4);
            Files.writeString(file, "two\n", StandardOpenOption.APPEND);
            disk.free();

            Set<String> lines = new LinkedHashSet<>();
            while (!lines.containsAll(List.of("one", "two", "1", "2", "3"))) {
                lines.add(events.next().data());
            }
            assertThat(lines).containsSubsequence("one", "two").containsSubsequence("1", "2", "3");
            assertThat(log.warnings()).containsExactlyInAnyOrder("feed-time waits with its events: the disk is full",
                    "feed-system waits with its events: the disk is full", "feed-log waits with its events: the disk is full",
                    "feed-stdin waits with its events: the disk is full");
        }
    }

    @Test
    void everyFeedThatWaitsStopsAtOnce() throws Exception {
        Path file = Files.createFile(folder.resolve("log"));
        Pipe pipe = Pipe.open();
        try (LogCapture log = new LogCapture(); Events events = new Events("*", disk)) {
            disk.fill();
            List<Feed> feeds = List.of(
                    new LogFeed(events.hub, "log", Duration.ofMillis(10), file, InstantSource.system(), Reach.NODE),
                    new StdinFeed(events.hub, "stdin", pipe.source()));
            Files.writeString(file, "one\n");
            pipe.sink().write(ByteBuffer.wrap("1\n".getBytes(UTF_8)));
            await().atMost(Duration.ofSeconds(10)).until(() -> log.warnings().size() == 2);
            feeds.forEach(Feed::close);

            assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("feed-stdin", "feed-log");
            assertThat(log.warnings()).as("nothing is abandoned").hasSize(2);
        }
    }
}
