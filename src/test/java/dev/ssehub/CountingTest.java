package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;

import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a hub count what happens. */
class CountingTest {
    private static final String PUBLISHED = "sse_hub_events_published_total{source=\"client\"}";
    private static final int STREAMS = 20_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private Application application;

    @AfterEach
    void stop() {
        client.close();
        if (application != null) {
            application.close();
        }
    }

    private void start(String... settings) {
        Map<String, String> properties = new HashMap<>(Map.of("server.port", "0", "server.host", "127.0.0.1",
                "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false"));
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        application = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(), Clock.systemUTC());
    }

    @Test
    void countsEventsFromThePublisherToTheStream() throws Exception {
        start("sse-hub.subscriptions.enabled", "true", "sse-hub.feeds.time.enabled", "true");
        try (SseClient stream = SseClient.opened(application.port(), "/sse?topic=chat")) {
            for (int i = 0; i < 3; i++) {
                publish("topic=chat&data=x");
                assertThat(stream.nextData()).isEqualTo("x");
            }
            publish("topic=chat&topic=&data=x"); // refused
            await().until(() -> read("sse_hub_events_delivered_total") == 3);
            assertThat(read(PUBLISHED)).isEqualTo(3);
            assertThat(read("sse_hub_events_published_total{source=\"hub\"}")).isEqualTo(1);
            await().until(() -> read("sse_hub_events_published_total{source=\"time-feed\"}") > 0);
            assertThat(read("sse_hub_publish_duration_seconds_count")).isEqualTo(3);
            assertThat(read("sse_hub_publish_duration_seconds_sum")).isPositive();
            assertThat(read("sse_hub_publish_duration_seconds_bucket{le=\"+Inf\"}")).isEqualTo(3);
            assertThat(read("sse_hub_delivery_delay_seconds_count")).isEqualTo(3);
            assertThat(read("sse_hub_delivery_delay_seconds_bucket{le=\"10.0\"}")).isEqualTo(3);
            assertThat(read("sse_hub_stream_writes_total")).isEqualTo(3);
            assertThat(read("sse_hub_stream_bytes_total")).isEqualTo(3.0 * "id: 1795355311271-0\ndata: x\n\n".length());
            assertThat(read("sse_hub_catch_up_events_total")).isZero();
            assertThat(read("sse_hub_streams")).isEqualTo(1);
            assertThat(read("sse_hub_streams_opened_total")).isEqualTo(1);
        }
        await().until(() -> read("sse_hub_streams_ended_total{reason=\"client-gone\"}") == 1 && read("sse_hub_streams") == 0);
    }

    @Test
    void countsWhatAStreamCatchesUpOnAndTheGap() throws Exception {
        start("sse-hub.history.max-events", "2");
        for (int i = 0; i < 4; i++) {
            publish("topic=chat&data=" + i);
        }
        assertThat(read("sse_hub_history_events")).isEqualTo(2);
        assertThat(read("sse_hub_history_topics")).isEqualTo(1);
        assertThat(read("sse_hub_history_evicted_events_total{reason=\"full\"}")).isEqualTo(2);
        assertThat(scrape()).doesNotContain("limit=\"history\"").doesNotContain("limit=\"mailbox\"");

        try (SseClient stream = SseClient.opened(application.port(), "/sse?topic=chat&lastEventID=lost")) {
            assertThat(stream.nextFrame()).contains("event: gap");
            assertThat(stream.nextData()).isEqualTo("2");
            assertThat(stream.nextData()).isEqualTo("3");
            await().until(() -> read("sse_hub_catch_up_events_total") == 2);
            assertThat(read("sse_hub_gaps_told_total")).isEqualTo(1);
            assertThat(read("sse_hub_events_delivered_total")).isEqualTo(2);
            assertThat(read("sse_hub_delivery_delay_seconds_count")).as("old events have no delay").isZero();
            await().until(() -> read("sse_hub_streams_catching_up") == 0);
        }
    }

    /** A stream without a socket: it is as slow as a stream can be, and no time limit ends it. */
    @Test
    void showsHowFarASlowStreamIsBehind() {
        Meters meters = new Meters();
        AtomicLong late = new AtomicLong();
        try (Hub hub = TestHub.create()) {
            Gauges.add(meters, hub, () -> Instant.now().plusMillis(late.get()));
            hub.apply(new HubSettings(Duration.ofHours(1), Duration.ofHours(1), new Mailbox.Limits(10, 1_000_000),
                    new Limits(100, Duration.ofHours(1), 10_000_000)));
            Subscriber slow = hub.subscribe(new Subscription(List.of(TopicSelector.parse("chat"))), _ -> {});
            slow.drain(_ -> {}, () -> {});
            for (int i = 0; i < 4; i++) {
                hub.publish(new Update("chat", "x".repeat(60_000)));
            }
            late.set(5_000);
            String scraped = new String(meters.scrape(), UTF_8);
            assertThat(value(scraped, "sse_hub_streams_waiting")).isEqualTo(1);
            assertThat(value(scraped, "sse_hub_mailboxes_events")).isEqualTo(4);
            assertThat(value(scraped, "sse_hub_mailboxes_bytes")).isBetween(240_000.0, 241_000.0);
            assertThat(value(scraped, "sse_hub_mailbox_fullest_ratio")).isEqualTo(0.4);
            assertThat(value(scraped, "sse_hub_slowest_stream_delay_seconds")).isGreaterThanOrEqualTo(5);

            for (int i = 0; i < 7; i++) {
                hub.publish(new Update("chat", "x"));
            }
            scraped = new String(meters.scrape(), UTF_8);
            assertThat(value(scraped, "sse_hub_streams_catching_up")).isEqualTo(1);
            assertThat(value(scraped, "sse_hub_mailboxes_events")).isZero();

            hub.unsubscribe(slow, DisconnectReason.CLIENT_GONE);
            assertThat(value(new String(meters.scrape(), UTF_8), "sse_hub_slowest_stream_delay_seconds")).isZero();
        }
    }

    @Test
    void countsTheTransactionsOfTheFile(@TempDir Path folder) throws Exception {
        start("sse-hub.history.file", folder.resolve("hub.db").toString());
        publish("topic=chat&data=x");

        assertThat(read("sse_hub_history_commit_duration_seconds_count")).isPositive();
        assertThat(read("sse_hub_history_available")).isEqualTo(1);
        assertThat(read("sse_hub_history_events")).isEqualTo(1);
        await().until(() -> read("sse_hub_history_oldest_event_age_seconds") > 0);
    }

    @Test
    void showsTheMaximaThatApplyNow() {
        Meters meters = new Meters();
        try (Hub hub = TestHub.create()) {
            Gauges.add(meters, hub, InstantSource.system());
            hub.apply(new HubSettings(Duration.ofHours(1), Duration.ofHours(1), new Mailbox.Limits(7, 8),
                    new Limits(9, Duration.ofHours(1), 10)));
            String scraped = new String(meters.scrape(), UTF_8);
            assertThat(value(scraped, "sse_hub_mailbox_events_max")).isEqualTo(7);
            assertThat(value(scraped, "sse_hub_mailbox_bytes_max")).isEqualTo(8);
            assertThat(value(scraped, "sse_hub_history_events_max")).isEqualTo(9);
            assertThat(value(scraped, "sse_hub_history_bytes_max")).isEqualTo(10);
        }
    }

    /** Streams without sockets: what they cost at a scrape is the same. */
    @Test
    void aScrapeOfManyStreamsIsShort() {
        Meters meters = new Meters();
        try (Hub hub = TestHub.create()) {
            Gauges.add(meters, hub, InstantSource.system());
            Subscription subscription = new Subscription(List.of(TopicSelector.parse("chat")));
            for (int i = 0; i < STREAMS; i++) {
                Subscriber subscriber = hub.subscribe(subscription, _ -> {});
                subscriber.drain(_ -> {}, () -> {});
            }
            hub.publish(new Update("chat", "x")); // waits for each of them

            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                long start = threads.getCurrentThreadCpuTime(); // other tests do not count
                byte[] text = meters.scrape();
                least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
                assertThat(value(new String(text, UTF_8), "sse_hub_mailboxes_events")).isEqualTo(STREAMS);
                assertThat(new String(text, UTF_8).lines().filter(line -> !line.startsWith("#"))).hasSizeLessThan(250);
            }
            assertThat(Duration.ofNanos(least)).isLessThan(Duration.ofMillis(50));
        }
    }

    private void publish(String form) throws Exception {
        client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + application.port() + path))
                .timeout(Duration.ofSeconds(10));
    }

    private String scrape() throws Exception {
        return client.send(request("/observe/metrics").build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private double read(String sample) throws Exception {
        return value(scrape(), sample);
    }

    private static double value(String scraped, String sample) {
        return scraped.lines().filter(line -> line.startsWith(sample + " ")).mapToDouble(
                line -> Double.parseDouble(line.substring(sample.length() + 1))).findFirst().orElseThrow();
    }
}
