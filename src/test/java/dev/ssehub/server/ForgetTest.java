package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forgetting the past of topics over HTTP, and the answers while the history is not available. */
class ForgetTest {
    private final BrokenHistory history = new BrokenHistory();
    private final Hub hub = history.hub();
    private final Meters meters = new Meters();
    private final TestSettings settings = new TestSettings();
    private final HttpClient client = HttpClient.newHttpClient();
    private HubServer server;

    private void start() throws IOException {
        server = HubServer.start(settings.build(), hub, TestHub.open("a", "b", "c +", "/books/{id}", "/.well-known/{+any}"),
                meters);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        client.shutdownNow(); // close() would wait for a stream that was wrongly opened
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/.well-known/mercure"})
    void forgetsThePastOfEachTopic(String path) throws Exception {
        start();
        for (String topic : List.of("a", "b", "c +", "/books/2")) {
            hub.publish(new Update(topic, topic));
        }
        hub.publish(new Update(List.of("a", "/books/2"), "both", null, null, null, false));

        HttpResponse<String> response = send("DELETE", path + "?topic=a&topic[]=c+%2B&topic[1]=a&_=1");

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
        assertThat(past("topic=*")).as("an event stays in its other topics").containsExactly("b", "/books/2", "both");
        assertThat(past("topic=a")).isEmpty();
        assertThat(send("DELETE", path + "?topic=a").statusCode()).as("again").isEqualTo(204);
        hub.publish(new Update("a", "new"));
        assertThat(past("topic=a")).containsExactly("new");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "''|400|the query needs the topics whose past to forget: ?topic=NAME, repeated for several topics",
            "?_=1|400|the query needs the topics whose past to forget: ?topic=NAME, repeated for several topics",
            "?topic=|400|the topic must not be empty", "?topic=b&topic=|400|the topic must not be empty",
            "?topic=a%0A|400|the topic must not contain control characters, found U+000A at 1",
            "?topic=%C3|400|the field topic is not UTF-8", "?Topic=a|400|there is no field Topic; did you mean topic?",
            "?channel=a|400|there is no field channel; did you mean topic?",
            "?topic[a]=a|400|the field topic[a] is not understood; write topic",
            "?topic=b&topic=*|400|the topic * is not the name of one topic: a template or * cannot be forgotten, only topics by their names",
            "?topic=b&topic=/books/%7Bid%7D|400|the topic /books/{id} is not the name of one topic: a template or * cannot be forgotten, only topics by their names",
            "?topic=b&topic=c|401|it takes a token to publish to c; sse-hub.publish.anonymous-topics sets what is open without a token",
            "?topic=b&topic=/.well-known/mercure/x|403|/.well-known/mercure and all topics below it belong to the hub, however they are written: only the hub publishes to them"})
    void refusesAWrongQueryWithOneSentence(String query, int status, String sentence) throws Exception {
        start();
        hub.publish(new Update("b", "stays"));

        HttpResponse<String> response = send("DELETE", "/sse" + query);

        assertThat(response.body()).isEqualTo(sentence + "\n");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(past("topic=b")).containsExactly("stays");
    }

    @Test
    void limitsNamesAndNumbers() throws Exception {
        start();
        String topics = IntStream.range(0, 21).mapToObj(i -> "topic=/books/" + i).collect(Collectors.joining("&", "/sse?", ""));

        assertThat(send("DELETE", topics).body()).isEqualTo("a request may forget up to 20 topics, this one names 21\n");
        assertThat(send("DELETE", topics.replace("topic=/books/7&", "")).statusCode()).isEqualTo(204);
        assertThat(send("DELETE", "/sse?topic=" + "x".repeat(1025)).body())
                .isEqualTo("the topic may have up to 1024 characters, this one has 1025\n");
        assertThat(reached(Limit.TOPICS)).isEqualTo(1);
    }

    @Test
    void countsTowardsTheRateOfPublishing() throws Exception {
        settings.publishesPerAddress = 3;
        start();
        HttpResponse<String> answer = send("DELETE", "/sse?topic=a");
        for (int i = 0; i < 1_000 && answer.statusCode() == 204; i++) {
            answer = send("DELETE", "/sse?topic=a");
        }
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(reached(Limit.PUBLISHES_PER_ADDRESS)).isEqualTo(1);
    }

    @Test
    void forgetsNothingWhileTheHubStops() throws Exception {
        start();
        hub.close();
        HttpResponse<String> refused = send("DELETE", "/sse?topic=a");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).isEqualTo("the hub is stopping\n");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void tellsClientsToRetryWhileTheHistoryIsNotAvailable() throws Exception {
        start();
        String id = hub.publish(new Update("a", "before"));
        try (SseClient open = SseClient.opened(server.port(), "/sse?topic=a")) {
            history.broken = BrokenHistory.ALL;
            for (HttpResponse<String> refused : List.of(publish(), send("DELETE", "/sse?topic=a"),
                    send("GET", "/sse?topic=a&lastEventID=" + id), send("GET", "/sse?topic=a&last=1"))) {
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.body()).isEqualTo(BrokenHistory.WHY + "\n");
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            }
            HttpResponse<String> browser = send("GET", "/sse?topic=a&last=1", "Accept", "text/event-stream");
            assertThat(browser.statusCode()).isEqualTo(200);
            assertThat(browser.body()).as("so that an EventSource comes back").startsWith("event: overload\nretry: ")
                    .contains(BrokenHistory.WHY);
            assertThat(hub.published()).as("what was refused is not counted").isEqualTo(1);
            assertThat(hub.subscribers()).as("the open stream stays").isEqualTo(1);

            history.broken = Set.of();
            assertThat(publish().statusCode()).isEqualTo(200);
            assertThat(open.nextData()).isEqualTo("x");
            assertThat(past("topic=a")).containsExactly("before", "x");
        }
    }

    @Test
    void listsNoStreamThatCouldNotBeOpened() throws Exception {
        settings.tellsSubscriptions = true;
        List<TopicSelector> all = List.of(new TopicSelector.Any());
        server = HubServer.start(settings.build(), hub, new AnonymousAuthorizer(new Grant(all, all, all)), meters);
        history.broken = Set.of("beforeLast");

        assertThat(send("GET", "/sse?topic=a&last=1").statusCode()).isEqualTo(503);
        assertThat(send("GET", "/.well-known/mercure/subscriptions").body()).contains("\"subscriptions\":[]");
    }

    private List<String> past(String query) throws Exception {
        return send("GET", "/sse?live=false&lastEventID=earliest&" + query).body().lines()
                .filter(line -> line.startsWith("data: ")).map(line -> line.substring("data: ".length())).toList();
    }

    private int reached(Limit limit) {
        Matcher row = Pattern.compile("limit=\"" + limit.label() + "\"} (\\d+)\\.0\n")
                .matcher(new String(meters.scrape(), StandardCharsets.UTF_8));
        assertThat(row.find()).isTrue();
        return Integer.parseInt(row.group(1));
    }

    private HttpResponse<String> publish() throws Exception {
        return client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("topic=a&data=x")).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String target, String... headers) throws Exception {
        HttpRequest.Builder request = request(target).method(method, HttpRequest.BodyPublishers.noBody());
        // a request that was wrongly accepted opens a stream, which has no end
        return client.sendAsync((headers.length == 0 ? request : request.headers(headers)).build(),
                HttpResponse.BodyHandlers.ofString()).get(10, TimeUnit.SECONDS);
    }

    private HttpRequest.Builder request(String target) {
        String encoded = target.replace("[", "%5B").replace("]", "%5D");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + encoded));
    }
}
