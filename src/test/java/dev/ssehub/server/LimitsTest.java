package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.Meters;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits: what is refused, with which message, and that it is counted. */
class LimitsTest {
    private final Hub hub = TestHub.create();
    private final TestSettings settings = new TestSettings();
    private final Meters meters = new Meters();
    private final HttpClient client = HttpClient.newHttpClient();
    private HubServer server;

    private void start() throws Exception {
        server = HubServer.start(settings.build(), hub, TestHub.open("*"), meters);
    }

    @AfterEach
    void stop() {
        hub.close();
        if (server != null) {
            server.close();
        }
        client.close();
    }

    /** EventSource reconnects only after an answer with status 200. */
    @Test
    void tellsABrowserWhenToReconnectWhileTheHubStops() throws Exception {
        settings.overloadRetry = Duration.ofSeconds(40);
        start();
        hub.close();

        Set<String> delays = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            HttpResponse<String> refused = get("/sse?topic=t", "text/event-stream");
            assertThat(refused.statusCode()).isEqualTo(200);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            Matcher body = Pattern.compile("event: overload\nretry: (\\d+)\n"
                    + "data: \\{\"message\":\"the hub is stopping\",\"retry\":\\1}\n\n").matcher(refused.body());
            assertThat(body.matches()).as(refused.body()).isTrue();
            assertThat(Long.parseLong(body.group(1))).isBetween(20_000L, 60_000L);
            delays.add(body.group(1));
        }
        assertThat(delays).as("spread by chance").hasSizeGreaterThan(10);
    }

    @Test
    void answers503ToAClientThatIsNotABrowser() throws Exception {
        settings.overloadRetry = Duration.ofSeconds(40);
        start();
        hub.close();

        HttpResponse<String> refused = get("/sse?topic=t", "*/*");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).isEqualTo("the hub is stopping\n");
        assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow())).isBetween(20, 60);
        HttpResponse<String> notPublished = publish("topic=t&data=1");
        assertThat(notPublished.statusCode()).isEqualTo(503);
        assertThat(notPublished.headers().firstValue("Retry-After")).isPresent();
    }

    /** Otherwise the refused client would keep one of the scarce connections until its next request. */
    @Test
    void closesTheConnectionOfARefusedClient() throws Exception {
        start();
        hub.close();

        for (String types : List.of("text/event-stream", "*/*")) {
            try (SseClient refused = new SseClient(server.port(), "/sse?topic=t", "Accept: " + types)) {
                assertThat(refused.headers()).contains("Connection: close");
                refused.awaitClosed();
            }
        }
    }

    @Test
    void tellsAPublisherThatIsTooFastWhenToRetry() throws Exception {
        settings.publishesPerAddress = 5;
        start();

        int published = 0;
        HttpResponse<String> answer = publish("topic=t&data=" + published);
        while (answer.statusCode() == 200 && published < 1000) {
            published++;
            answer = publish("topic=t&data=" + published);
        }
        assertThat(published).as("two seconds' worth at once").isGreaterThanOrEqualTo(10);
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).isEqualTo("without a token, an address may publish 5 events per second\n");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(hub.published()).isEqualTo(published);
        assertThat(reached(Limit.PUBLISHES_PER_ADDRESS)).isEqualTo(1);
    }

    @Test
    void acceptsAPublisherAgainAfterItsWait() throws Exception {
        settings.publishesPerAddress = 1;
        start();

        await().until(() -> publish("topic=t").statusCode() == 429);
        await().atMost(Duration.ofSeconds(10)).until(() -> publish("topic=t").statusCode() == 200);
    }

    /** A client can use as many addresses of its IPv6 network as it likes. */
    @Test
    void countsAPublisherBehindAProxyByItsNetwork() throws Exception {
        settings.publishesPerAddress = 1;
        settings.trustedProxies = List.of(AddressRange.parse("127.0.0.1"), AddressRange.parse("::1"));
        start();

        HttpResponse<String> answer = publishFor("2001:db8::");
        for (int i = 1; i < 100 && answer.statusCode() == 200; i++) {
            answer = publishFor("2001:db8::" + i);
        }
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(publishFor("2001:db8:0:1::1").statusCode()).as("of another network").isEqualTo(200);
    }

    @Test
    void appliesAndCountsEachConfiguredLimitOfARequest() throws Exception {
        settings.maxTopics = 2;
        settings.maxNameLength = 8;
        settings.maxPublishSize = 100;
        settings.maxPendingSize = 100;
        start();

        assertThat(get("/sse?topic=a&topic=b&topic=c", "*/*").body())
                .isEqualTo("a subscription may have up to 2 topics, this one has 3\n");
        assertThat(reached(Limit.TOPICS)).isEqualTo(1);
        assertThat(get("/sse?topic=123456789", "*/*").body())
                .isEqualTo("the topic may have up to 8 characters, this one has 9\n");
        for (String field : new String[]{"topic", "id", "type"}) {
            assertThat(publish((field.equals("topic") ? "" : "topic=t&") + field + "=123456789").body())
                    .isEqualTo("the " + field + " may have up to 8 characters, this one has 9\n");
        }
        assertThat(reached(Limit.NAME_LENGTH)).isEqualTo(4);
        assertThat(publish("topic=a&data=" + "x".repeat(100)).statusCode()).isEqualTo(413);
        assertThat(reached(Limit.PUBLISH_SIZE)).isEqualTo(1);
    }

    @Test
    void countsRequestLinesAndHeadersThatAreTooLarge() throws Exception {
        settings.maxHeaderSize = 1024;
        start();

        assertThat(get("/sse?topic=" + "x".repeat(2000), "*/*").statusCode()).isEqualTo(414);
        assertThat(reached(Limit.HEADER_SIZE)).isEqualTo(1);
        assertThat(get("/sse?topic=t", "x/" + "x".repeat(2000)).statusCode()).isEqualTo(431);
        assertThat(reached(Limit.HEADER_SIZE)).isEqualTo(2);
    }

    /** An announced body takes no room. A received body does, and one address may take a quarter of the room. */
    @Test
    void reservesNoRoomForBodiesThatAreOnlyAnnounced() throws Exception {
        settings.maxPublishSize = 1 << 20;
        settings.maxPendingSize = 1 << 20;
        start();
        List<Socket> announced = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket("localhost", server.port());
                announced.add(socket);
                socket.getOutputStream().write(("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        + "application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\ntopic=t").getBytes(UTF_8));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(publish("topic=t&data=1").statusCode()).isEqualTo(200);
            }
        } finally {
            for (Socket socket : announced) {
                socket.close();
            }
        }
    }

    /** The room is freed however the request ends. */
    @Test
    void freesTheRoomOfABody() throws Exception {
        settings.maxPublishSize = 100_000;
        settings.maxPendingSize = 100_000;
        start();
        String large = "topic=t&data=" + "x".repeat(90_000); // arrives in several pieces
        try (Socket half = new Socket("localhost", server.port())) {
            half.getOutputStream().write(("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    + "application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\ntopic=t&data=" + "x".repeat(50_000))
                    .getBytes(UTF_8));
            await().until(() -> publish(large).statusCode() == 503);
            assertThat(reached(Limit.PENDING_SIZE)).isEqualTo(1);
        }
        await().until(() -> publish(large).statusCode() == 200);
    }

    /** All counters exist from the start, so that a rate can be computed from the first increment on. */
    @Test
    void namesEveryLimitInTheMetrics() throws Exception {
        start();

        HttpResponse<String> metrics = get("/observe/metrics", "*/*");
        assertThat(metrics.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        for (Limit limit : Limit.values()) {
            assertThat(metrics.body()).contains("sse_hub_limit_reached_total{limit=\"" + limit.label() + "\"} 0.0\n");
        }
        assertThat(metrics.body()).contains("sse_hub_streams_ended_total{reason=\"expired\"} 0.0\n");
    }

    private int reached(Limit limit) throws Exception {
        Matcher row = Pattern.compile("sse_hub_limit_reached_total\\{limit=\"" + limit.label() + "\"} (\\d+)\\.0\n")
                .matcher(get("/observe/metrics", "*/*").body());
        assertThat(row.find()).isTrue();
        return Integer.parseInt(row.group(1));
    }

    private HttpResponse<String> get(String target, String accept) throws Exception {
        return client.send(request(target).header("Accept", accept).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> publish(String form) throws Exception {
        return client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> publishFor(String address) throws Exception {
        return client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Forwarded-For", address).POST(HttpRequest.BodyPublishers.ofString("topic=t")).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + target)).timeout(Duration.ofSeconds(10));
    }
}
