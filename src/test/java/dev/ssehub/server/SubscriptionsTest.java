package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.Keys;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.json.Json;

/** Active subscriptions, as a list and as events. */
class SubscriptionsTest {
    private static final String PATH = "/.well-known/mercure/subscriptions";
    private static final TopicSelector ALL = TopicSelector.parse(PATH + "{/topic}{/subscriber}");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Hub hub = TestHub.create();
    private HubServer server;

    private void start(boolean enabled, TopicSelector... granted) throws IOException {
        TestSettings settings = new TestSettings();
        settings.tellsSubscriptions = enabled;
        server = HubServer.start(settings.build(), hub,
                new AnonymousAuthorizer(new Grant(List.of(), List.of(new TopicSelector.Any()), List.of(granted))), new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        client.close();
    }

    @Test
    void listsSubscriptionsByTopicAndOneAlone() throws Exception {
        start(true, ALL);
        Map<String, Object> none = json(get(PATH));
        assertThat(none)
                .isEqualTo(Map.of("@context", "https://mercure.rocks/", "id", PATH, "type", "Subscriptions", "lastEventID",
                        "earliest", "subscriptions", List.of()));

        try (SseClient _ = open("/sse?topic=https://example.com/{selector}&topic=a"); SseClient _ = open("/sse")) {
            List<Map<String, Object>> all = subscriptions(json(get(PATH)));
            assertThat(all).extracting(it -> it.get("topic")).containsExactlyInAnyOrder("https://example.com/{selector}", "a",
                    "t");
            assertThat(all).extracting(it -> it.get("subscriber")).doesNotContainNull();

            String encoded = "/https%3A%2F%2Fexample.com%2F%7Bselector%7D";
            HttpResponse<String> response = get(PATH + encoded);
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/ld+json");
            assertThat(response.headers().firstValue("Link")).hasValue("</.well-known/mercure>; rel=\"mercure\"");
            Map<String, Object> ofTopic = json(response);
            assertThat(ofTopic).containsEntry("id", PATH + encoded).containsEntry("lastEventID", hub.lastEventId());
            assertThat(subscriptions(ofTopic)).hasSize(1);

            Map<String, Object> listed = subscriptions(ofTopic).getFirst();
            String subscriber = listed.get("subscriber").toString();
            assertThat(subscriber).startsWith("urn:uuid:");
            assertThat(listed).isEqualTo(Map.of("id", PATH + encoded + "/" + subscriber.replace(":", "%3A"), "type",
                    "Subscription", "topic", "https://example.com/{selector}", "subscriber", subscriber, "active", true));
            Map<String, Object> single = json(get(listed.get("id").toString()));
            assertThat(single).containsAllEntriesOf(listed).containsEntry("@context", "https://mercure.rocks/")
                    .containsEntry("lastEventID", hub.lastEventId()).hasSize(7);

            assertThat(subscriptions(json(get(PATH + "/nobody")))).isEmpty();
            assertThat(get(PATH + "/a/urn%3Auuid%3Aother").statusCode()).isEqualTo(404);
            assertThat(get(PATH + "/a/b/c").statusCode()).isEqualTo(404);
            assertThat(get(PATH + "/").statusCode()).isEqualTo(404);
        }
        await().untilAsserted(() -> assertThat(subscriptions(json(get(PATH)))).isEmpty());
    }

    @Test
    void publishesEachStartAndEnd() throws Exception {
        start(true, ALL);
        try (SseClient watcher = open("/sse?topic=" + PATH + "/a/{subscriber}")) {
            try (SseClient _ = open("/sse?topic=a&topic=b&topic=a")) {
                Map<String, Object> begun = new Json().toType(watcher.nextData(), Json.MAP_TYPE);
                assertThat(begun).containsEntry("@context", "https://mercure.rocks/").containsEntry("type", "Subscription")
                        .containsEntry("topic", "a").containsEntry("active", true).containsEntry("id",
                                PATH + "/a/" + begun.get("subscriber").toString().replace(":", "%3A"));
            }
            Map<String, Object> ended = new Json().toType(watcher.nextData(), Json.MAP_TYPE);
            assertThat(ended).containsEntry("topic", "a").containsEntry("active", false);
        }
    }

    /** The list and the events after it are complete: no change is lost between them. */
    @Test
    void missesNoChangeAfterTheList() throws Exception {
        start(true, ALL);
        hub.publish(new Update("any", "so that there is a last event"));
        Map<String, Object> list = json(get(PATH));
        try (SseClient _ = open("/sse?topic=a")) {
            try (SseClient watcher = new SseClient(server.port(),
                    "/sse?topic=" + PATH + "/a/{subscriber}&lastEventID=" + list.get("lastEventID"))) {
                assertThat(watcher.nextData()).contains("\"active\":true");
            }
        }
    }

    @Test
    void answers304ForAnUnchangedList() throws Exception {
        start(true, ALL);
        String tag = get(PATH).headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> same = send(HttpRequest.newBuilder(uri(PATH)).header("If-None-Match", tag));
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        try (SseClient _ = open("/sse?topic=a")) {
            assertThat(send(HttpRequest.newBuilder(uri(PATH)).header("If-None-Match", tag)).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> head = send(HttpRequest.newBuilder(uri(PATH)).HEAD());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("ETag")).isPresent();
        assertThat(head.headers().firstValue("Cache-Control")).as("no cache may give it to others")
                .hasValue("private, no-cache");
        assertThat(send(HttpRequest.newBuilder(uri(PATH)).DELETE()).statusCode()).isEqualTo(405);
    }

    @Test
    void showsNothingWithoutAGrant() throws Exception {
        start(true);
        HttpResponse<String> refused = get(PATH + "/a%2Fb");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(refused.body())
                .isEqualTo("it takes a token to see " + PATH + "/a%2Fb; "
                        + "sse-hub.subscriptions.anonymous sets what is open without a token\n");
        try (SseClient watcher = open("/sse?topic=*")) {
            try (SseClient _ = open("/sse?topic=a")) {
                hub.publish(new Update("x", "the first that it gets"));
            }
            assertThat(watcher.nextData()).isEqualTo("the first that it gets");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/%6dercure/subscriptions", "/%2ewell-known/mercure/subscriptions/a",
            "/.well-known//mercure//subscriptions/a", "/x/../.well-known/mercure/subscriptions",
            "//.well-known/mercure/subscriptions/a/b",
            "/.well-known/mercure/subscriptions/%2e%2e/subscriptions", "/.well-known/mercure/subscriptions/..%2fsubscriptions",
            "/.well-known/mercure/./subscriptions/a", "/.well-known/mercure/subscriptions;x/a",
            "/.well-known/mercure/subscriptions/%zz",
            "/.well-known/mercure/subscriptions/%ff"})
    void showsNothingHoweverThePathIsWritten(String path) throws Exception {
        start(true);
        try (SseClient _ = open("/sse?topic=a"); SseClient answer = new SseClient(server.port(), path)) {
            assertThat(answer.headers()).matches("(?s)HTTP/1.1 (400|401|404) .*");
        }
    }

    @Test
    void showsOnlyTheGrantedTopic() throws Exception {
        start(true, TopicSelector.parse(PATH + "/a{/subscriber}"));
        assertThat(get(PATH + "/a").statusCode()).isEqualTo(200);
        assertThat(get(PATH + "/b").statusCode()).isEqualTo(401);
        assertThat(get(PATH).statusCode()).isEqualTo(401);
    }

    @Test
    void publishesAndListsNothingIfDisabled() throws Exception {
        start(false, ALL);
        try (SseClient watcher = open("/sse?topic=*")) {
            try (SseClient _ = open("/sse?topic=a")) {
                for (String path : List.of(PATH, PATH + "/a", PATH + "/a/b")) {
                    assertThat(get(path).statusCode()).isEqualTo(404);
                    assertThat(get(path).body())
                            .isEqualTo("this hub lists no subscriptions: sse-hub.subscriptions.enabled is false\n");
                }
                hub.publish(new Update("x", "the first"));
            }
            assertThat(watcher.nextData()).isEqualTo("the first");
        }
    }

    /** The hub holds only a part of a long list in memory: it sends each subscription when it finds it. */
    @Test
    void sendsALongListCompletelyWithoutHoldingItInMemory() throws Exception {
        start(true, ALL);
        List<SseClient> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                String name = "%d-%s".formatted(i, "x".repeat(20));
                streams.add(open("/sse?topic=" + IntStream.range(0, 400).mapToObj(n -> name + n).collect(joining("&topic="))));
            }
            List<Map<String, Object>> all = subscriptions(json(get(PATH)));
            assertThat(all).hasSize(40 * 400).extracting(it -> it.get("id")).doesNotHaveDuplicates();
            try (Socket socket = new Socket("localhost", server.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(
                        ("GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
                assertThat(answer).contains("Transfer-Encoding: chunked").endsWith("]}\r\n0\r\n\r\n");
            }
        } finally {
            for (SseClient stream : streams) {
                stream.close();
            }
        }
    }

    private void startWithTokens() throws IOException {
        TestSettings settings = new TestSettings();
        settings.tellsSubscriptions = true;
        Grant all = new Grant(List.of(), List.of(new TopicSelector.Any()), List.of(ALL));
        server = HubServer.start(settings.build(), hub,
                JwtAuthorizer.create(Keys.settings(Keys.key(Keys.SECRET)), all, InstantSource.system()), new Meters());
    }

    private static String bearer(String payload) throws Exception {
        return "Authorization: Bearer " + Keys.token("{\"sub\":\"ada\",\"mercure\":{\"payload\":" + payload + "}}");
    }

    /** Mercure, "Active Subscriptions": the payload of the token. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"name\":\"Ada \\\"L\\\" \\u00e9 <b>\",\"rooms\":[1,2.5,true,null,{}]}", "\"text\"", "7", "[]",
            "false"})
    void showsThePayloadOfTheToken(String payload) throws Exception {
        startWithTokens();
        Map<String, Object> claim = new Json().toType("{\"payload\":" + payload + "}", Json.MAP_TYPE);
        Object expected = claim.get("payload");
        try (SseClient watcher = open("/sse?topic=" + PATH + "/a/{subscriber}")) {
            try (SseClient _ = new SseClient(server.port(), "/sse?topic=a&topic=b", bearer(payload))) {
                Map<String, Object> begun = new Json().toType(watcher.nextData(), Json.MAP_TYPE);
                assertThat(begun).containsEntry("payload", expected).containsEntry("active", true);
                List<Map<String, Object>> listed = subscriptions(json(get(PATH + "/a")));
                assertThat(listed).singleElement().asInstanceOf(MAP).containsEntry("payload", expected);
                assertThat(json(get(listed.getFirst().get("id").toString()))).containsEntry("payload", expected);
            }
            Map<String, Object> ended = new Json().toType(watcher.nextData(), Json.MAP_TYPE);
            assertThat(ended).containsEntry("payload", expected).containsEntry("active", false);
        }
    }

    @Test
    void showsNoPayloadIfTheTokenHasNone() throws Exception {
        startWithTokens();
        try (SseClient _ = new SseClient(server.port(), "/sse?topic=a", bearer("null")); SseClient _ = open("/sse?topic=a")) {
            assertThat(subscriptions(json(get(PATH)))).hasSize(2).allSatisfy(it -> assertThat(it).doesNotContainKey("payload"));
        }
    }

    /** Every change of the list is an event, because the id of the last event identifies the state of the list. */
    @Test
    void showsThePayloadOfARenewedToken() throws Exception {
        startWithTokens();
        String name = "3f0c9a52-8d1e-4b7a-9a55-6c1f0f4f2a10";
        try (SseClient watcher = open("/sse?topic=" + PATH + "/a/{subscriber}");
                SseClient _ = new SseClient(server.port(), "/sse?topic=a&streamName=" + name, bearer("1"))) {
            assertThat(watcher.nextData()).contains("\"payload\":1");
            String tag = get(PATH).headers().firstValue("ETag").orElseThrow();
            assertThat(renew(name, bearer("1")).statusCode()).isEqualTo(204);
            assertThat(get(PATH).headers().firstValue("ETag")).hasValue(tag);

            assertThat(renew(name, bearer("{\"status\":\"away\"}")).statusCode()).isEqualTo(204);
            assertThat(watcher.nextData()).contains("\"payload\":{\"status\":\"away\"}", "\"active\":true");
            assertThat(subscriptions(json(get(PATH + "/a"))).getFirst()).containsEntry("payload", Map.of("status", "away"));
            assertThat(get(PATH).headers().firstValue("ETag")).isNotEqualTo(Optional.of(tag));
            HttpResponse<String> refused = renew(name, bearer('"' + "x".repeat(1_023) + '"'));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(subscriptions(json(get(PATH + "/a"))).getFirst()).containsEntry("payload", Map.of("status", "away"));

            assertThat(renew(name, "Authorization: Bearer " + Keys.token("{\"sub\":\"ada\"}")).statusCode()).isEqualTo(204);
            assertThat(watcher.nextData()).doesNotContain("payload");
        }
    }

    private HttpResponse<String> renew(String name, String bearer) throws Exception {
        return send(HttpRequest.newBuilder(uri("/sse?streamName=" + name)).PUT(HttpRequest.BodyPublishers.noBody())
                .header("Authorization", bearer.substring("Authorization: ".length())));
    }

    /** Up to 500 events repeat it, and the history holds them. */
    @Test
    void refusesALargePayload() throws Exception {
        startWithTokens();
        String large = bearer("\"" + "\u00e9".repeat(512) + '"');
        // a request that was wrongly accepted opens a stream, which has no end
        HttpResponse<String> refused = client.sendAsync(
                HttpRequest.newBuilder(uri("/sse?topic=a")).header("Authorization", large.substring("Authorization: ".length()))
                        .build(),
                HttpResponse.BodyHandlers.ofString()).get(10, TimeUnit.SECONDS);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .isEqualTo("the claim mercure.payload of the token may have up to 1024 bytes, this one has 1026: "
                        + "each active subscription repeats it\n");
        assertThat(hub.published()).isZero();
        try (SseClient _ = new SseClient(server.port(), "/sse?topic=a", bearer("\"" + "\u00e9".repeat(511) + '"'))) {
            assertThat(subscriptions(json(get(PATH))).getFirst()).containsEntry("payload", "\u00e9".repeat(511));
        }
        server.close();
        TestSettings unlisted = new TestSettings();
        server = HubServer.start(unlisted.build(), hub, JwtAuthorizer.create(Keys.settings(Keys.key(Keys.SECRET)),
                new Grant(List.of(), List.of(new TopicSelector.Any()), List.of()), InstantSource.system()), new Meters());
        try (SseClient stream = new SseClient(server.port(), "/sse?topic=a", large)) {
            assertThat(stream.headers()).as("nobody sees it").startsWith("HTTP/1.1 200 ");
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.port() + path);
    }

    private static Map<String, Object> json(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return new Json().toType(response.body(), Json.MAP_TYPE);
    }

    @SuppressWarnings("unchecked") // the protocol defines the type
    private static List<Map<String, Object>> subscriptions(Map<String, Object> document) {
        assertThat(document).containsEntry("type", "Subscriptions");
        return (List<Map<String, Object>>) document.get("subscriptions");
    }

    private SseClient open(String target) throws IOException {
        return SseClient.opened(server.port(), target);
    }
}
