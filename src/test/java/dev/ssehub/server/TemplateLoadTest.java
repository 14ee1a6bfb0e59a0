package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients choose templates and topics that are slow to match. All other clients must not notice. */
class TemplateLoadTest {
    /** On a machine that is busy with other programs, a tick and a health check take a second even if the hub has no other work. */
    private static final Duration PROMPT = Duration.ofSeconds(6);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Hub hub = TestHub.create(100, 32 << 20);
    private final List<SseClient> streams = new ArrayList<>();
    private final Meters meters = new Meters();
    private HubServer server;
    private int ticksSent;

    @BeforeEach
    void start() throws IOException {
        server = HubServer.start(new TestSettings().build(), hub, TestHub.open("*"), meters);
    }

    @AfterEach
    void stop() throws IOException {
        for (SseClient stream : streams) {
            stream.close();
        }
        hub.close();
        server.close();
        client.close();
    }

    @Test
    void anUpdateWhoseSubscribersCannotBeFoundInTimeIsRefusedBeforeAnybodyReceivesIt() throws Exception {
        SseClient orders = open("/orders/{id}");
        for (int i = 0; i < 5_000; i++) {
            TopicSelector template = TopicSelector.parse("{+a:%d}".formatted(1 + i) + "\u20ac{a}".repeat(19));
            hub.subscribe(new Subscription(List.of(template)), _ -> {}).drain(_ -> {}, () -> {});
        }
        CompletableFuture<HttpResponse<String>> refused = publish(
                IntStream.range(0, 20).mapToObj(i -> "/orders/" + "x\u20ac".repeat(495) + i));
        assertOthersArePromptUntil(refused);

        assertThat(refused.join().statusCode()).isEqualTo(503);
        assertThat(refused.join().body()).startsWith("it takes too long to find the subscribers of this update; ");
        assertThat(refused.join().headers().firstValue("Retry-After")).isPresent();
        assertThat(metrics()).contains("{limit=\"matching\"} 1.0\n");
        assertThat(publish(Stream.of("/orders/7")).join().statusCode()).isEqualTo(200);
        assertThat(orders.nextData()).isEqualTo("order");
        assertThat(hub.published()).isEqualTo(1 + ticksSent);
    }

    @Test
    void ticksAndHealthAreOnTimeWhileLongTopicsAreComparedWithManyTemplates() throws Exception {
        for (int i = 0; i < 120; i++) { // with 300, a busy machine reaches the limit of the work for one update
            open("/orders/{a:%d}".formatted(5 + i) + "{b:5}".repeat(19)); // no two streams share a variable
        }
        SseClient orders = open("/orders/{id}");
        List<CompletableFuture<HttpResponse<String>>> publishes = IntStream.range(0, 10)
                .mapToObj(i -> publish(IntStream.range(0, 20).mapToObj(j -> "/orders/" + "\u20ac".repeat(990) + j))).toList();
        CompletableFuture<Void> published = CompletableFuture.allOf(publishes.toArray(CompletableFuture[]::new));
        assertOthersArePromptUntil(published);

        for (CompletableFuture<HttpResponse<String>> publish : publishes) {
            assertThat(publish.join().statusCode()).isEqualTo(200);
            assertThat(orders.nextData()).isEqualTo("order");
        }
    }

    private void assertOthersArePromptUntil(CompletableFuture<?> end) throws Exception {
        SseClient ticks = open("tick");
        Duration longest = Duration.ZERO;
        do {
            long start = System.nanoTime();
            hub.publish(new Update(List.of("tick"), "now", null, null, null, false));
            ticksSent++;
            assertThat(ticks.nextData()).isEqualTo("now");
            HttpRequest health = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/observe/health"))
                    .build();
            assertThat(client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            Duration taken = Duration.ofNanos(System.nanoTime() - start);
            longest = taken.compareTo(longest) > 0 ? taken : longest;
        } while (!end.isDone());
        assertThat(longest).as("a tick and a health check").isLessThan(PROMPT);
    }

    private String metrics() {
        return new String(meters.scrape(), StandardCharsets.UTF_8);
    }

    private SseClient open(String topic) throws IOException {
        SseClient stream = SseClient.opened(server.port(), "/sse?topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8));
        streams.add(stream);
        return stream;
    }

    private CompletableFuture<HttpResponse<String>> publish(Stream<String> topics) {
        String form = topics.map(topic -> "topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "", "&data=order"));
        return client.sendAsync(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/sse"))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form))
                .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
