package dev.ssehub.server;

import module java.base;
import module java.net.http;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.tracing.Collector;
import dev.ssehub.tracing.OtlpTracing;
import dev.ssehub.tracing.TracingSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The spans of publishes, as a collector of traces receives them. */
class PublishSpanTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENDER = "00f067aa0ba902b7";

    private final HttpClient client = HttpClient.newHttpClient();
    private final BrokenHistory history = new BrokenHistory();
    private final Hub hub = history.hub();
    private Collector collector;
    private OtlpTracing tracing;
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        collector = new Collector();
        serve(100);
    }

    private void serve(int samplePercent) throws IOException {
        tracing = OtlpTracing.start(new TracingSettings(collector.url(), "hub of the test", samplePercent));
        server = HubServer.start(new TestSettings().build(), hub, Cluster.alone(),
                TestHub.open("open", "/books/{id}"), new Meters(), tracing);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        tracing.close();
        collector.close();
        client.close();
    }

    /** A stream that two selectors match counts once, and a stream that may not receive the event does not count. */
    @Test
    void belongsToTheTraceOfThePublisherAndCountsTheSubscribers() throws Exception {
        try (SseClient _ = SseClient.opened(server.port(), "/sse?topic=open&topic=*");
                SseClient _ = SseClient.opened(server.port(), "/sse?topic=open");
                SseClient _ = SseClient.opened(server.port(), "/sse?topic=other")) {
            HttpResponse<String> response = post("topic=open&topic=/books/1&data=a", "00-" + TRACE + "-" + SENDER + "-01");

            assertThat(response.statusCode()).isEqualTo(200);
            Collector.Span span = onlySpan();
            assertThat(span.traceId()).isEqualTo(TRACE);
            assertThat(span.parentId()).isEqualTo(SENDER);
            assertThat(span.id()).matches("[0-9a-f]{16}").isNotEqualTo(SENDER);
            assertThat(span.name()).isEqualTo("publish");
            assertThat(span.kind()).isEqualTo(Collector.SERVER);
            assertThat(span.duration()).isBetween(Duration.ofNanos(1), Duration.ofMinutes(1));
            assertThat(span.status()).isZero();
            assertThat(span.attributes()).isEqualTo(Map.of("messaging.system", "sse-hub", "messaging.operation.name", "publish",
                    "messaging.operation.type", "send", "messaging.destination.name", "open", "messaging.message.id",
                    response.body(), "sse_hub.subscribers", 2L));
            assertThat(span.scope()).isEqualTo("dev.ssehub");
            assertThat(span.resource()).containsEntry("service.name", "hub of the test")
                    .containsEntry("telemetry.sdk.name", "opentelemetry").containsKey("service.instance.id");
        }
    }

    /** Who may read traces may not read private events, and a stream without a grant does not receive them. */
    @Test
    void doesNotNameTheTopicOfAPrivateEvent() throws Exception {
        try (SseClient _ = SseClient.opened(server.port(), "/sse?topic=open")) {
            HttpResponse<String> response = post("topic=open&data=a&private=on", "");

            Collector.Span span = onlySpan();
            assertThat(span.attributes()).containsEntry("messaging.message.id", response.body())
                    .containsEntry("sse_hub.subscribers", 0L).doesNotContainKey("messaging.destination.name");
            assertThat(span.parentId()).as("a trace of its own").isEmpty();
            assertThat(span.traceId()).matches("[0-9a-f]{32}");
        }
    }

    @Test
    void isAnErrorIfTheHistoryRefusesTheEvent() throws Exception {
        history.broken = Set.of("append");

        assertThat(post("topic=open&data=a", "").statusCode()).isEqualTo(503);
        Collector.Span span = onlySpan();
        assertThat(span.status()).isEqualTo(Collector.ERROR);
        assertThat(span.description()).isEqualTo(BrokenHistory.WHY);
        assertThat(span.attributes()).containsEntry("messaging.destination.name", "open")
                .containsEntry("error.type", "dev.ssehub.history.HistoryUnavailableException")
                .doesNotContainKeys("messaging.message.id", "sse_hub.subscribers");
    }

    @Test
    void isNoErrorOfTheHubIfThePublisherMayNotPublish() throws Exception {
        assertThat(post("topic=forbidden&data=a", "").statusCode()).isEqualTo(401);

        Collector.Span span = onlySpan();
        assertThat(span.status()).isZero();
        assertThat(span.attributes()).containsEntry("error.type", "401");
    }

    /** With 0 percent, only the publishes whose senders record their trace become spans. */
    @Test
    void leavesTheChoiceToTheSenderOfATrace() throws Exception {
        server.close();
        tracing.close();
        serve(0);

        post("topic=open&data=a", "");
        post("topic=open&data=b", "00-" + TRACE + "-" + SENDER + "-00");
        post("topic=open&data=c", "00-" + TRACE + "-" + SENDER + "-01");

        assertThat(onlySpan().parentId()).isEqualTo(SENDER);
    }

    @Test
    void logsOneLineWhenTheCollectorFailsAndServesOn() throws Exception {
        collector.answer(400); // OpenTelemetry repeats nothing after this status
        try (LogCapture log = new LogCapture()) {
            assertThat(post("topic=open&data=a", "").statusCode()).isEqualTo(200);
            tracing.close();

            assertThat(log.warnings()).containsExactly("spans cannot be sent to " + collector.url()
                    + "/v1/traces (otlp.endpoint), and are dropped: the answer is 400");
            assertThat(post("topic=open&data=b", "").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void closesAlthoughTheCollectorDoesNotAnswer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            OtlpTracing waiting = OtlpTracing
                    .start(new TracingSettings(URI.create("http://127.0.0.1:" + silent.getLocalPort()), "s", 100));
            assertThat(waiting.publish(_ -> "id")).isEqualTo("id");

            long begin = System.nanoTime();
            waiting.close();
            waiting.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        }
    }

    /** Sends what waits, so that no test waits for the next batch. */
    private Collector.Span onlySpan() {
        tracing.close();
        assertThat(collector.spans()).hasSize(1);
        return collector.spans().getFirst();
    }

    private HttpResponse<String> post(String form, String traceparent) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/sse"))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form));
        if (!traceparent.isEmpty()) {
            request.header("traceparent", traceparent);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
