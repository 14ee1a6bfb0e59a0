package dev.ssehub.operate;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import dev.ssehub.topic.TopicSelector;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators see and do, over HTTP with real streams. */
class OperateTest {
    private static final TokenSettings TOKENS = tokens("a secret of the operator, long enough");
    private static final Path PAGE = Path.of("src/site/markdown/operate.md");

    private final Hub hub = TestHub.create();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<SseClient> streams = new ArrayList<>();
    private HubServer server;

    static TokenSettings tokens(String secret) {
        KeySettings key = new KeySettings(Optional.empty(), Optional.of(secret), Optional.empty(), Optional.empty());
        return new TokenSettings(key, key, Optional.empty(), Optional.empty(), Duration.ZERO);
    }

    private static String token(Grant grant, String subject) {
        return new TokenIssuer(TOKENS, InstantSource.system()).issue(grant, Duration.ofHours(1), Optional.of(subject));
    }

    private static Grant sees(String topic) {
        return new Grant(List.of(), List.of(TopicSelector.parse(topic)), List.of());
    }

    private static Grant operator() {
        return new Grant(List.of(), List.of(), List.of(), true);
    }

    @BeforeEach
    void start() throws IOException {
        server = HubServer.start(new TestSettings().build(), hub, JwtAuthorizer.create(TOKENS,
                new Grant(List.of(), List.of(new TopicSelector.Any()), List.of()), InstantSource.system()), new Meters());
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

    private SseClient open(String query, String... headers) throws IOException {
        SseClient stream = new SseClient(server.port(), "/sse?" + query, headers);
        stream.nextFrame();
        streams.add(stream);
        return stream;
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/observe/" + path))
                .header("Authorization", "Bearer " + token(operator(), "alice"))
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonObject get(String path) throws Exception {
        HttpResponse<String> answer = send("GET", path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonParser.create(answer.body()).readJsonObject();
    }

    private static List<JsonObject> streams(JsonObject document) {
        return document.arrayValue("streams").orElseThrow().values().stream().map(JsonValue::asObject).toList();
    }

    private static String text(JsonObject object, String name) {
        return object.value(name).map(value -> value instanceof JsonString text ? text.value() : value.toString()).orElseThrow();
    }

    /** Returns the outcomes by the first topic of each stream. */
    private Map<String, String> outcomes(String id, String query) throws Exception {
        Map<String, String> outcomes = new TreeMap<>();
        streams(get("events/" + id + query)).forEach(stream -> outcomes.put(
                text(stream, "topics") + text(stream, "subject"), text(stream, "outcome")));
        return outcomes;
    }

    @Test
    void describesEveryStream() throws Exception {
        open("topic=a&topic=b", "Authorization: Bearer " + token(sees("a"), "bob"));
        SseClient reader = open("topic=c");
        String id = hub.publish(new Update("c", "text"));
        reader.nextFrame();

        await().until(() -> text(streams(get("streams?topic=c")).getFirst(), "deliveredEvents").equals("1"));
        JsonObject stream = streams(get("streams?topic=c")).getFirst();
        assertThat(text(stream, "lastId")).isEqualTo(id);
        assertThat(text(stream, "state")).isEqualTo("live");
        assertThat(text(stream, "address")).isEqualTo("127.0.0.1");
        assertThat(text(stream, "waitingEvents")).isEqualTo("0");
        assertThat(text(stream, "subject")).isEqualTo("null");

        JsonObject other = streams(get("streams?subject=bob")).getFirst();
        assertThat(text(other, "topics")).isEqualTo("[\"a\",\"b\"]");
        assertThat(text(other, "expires")).startsWith("20");
        JsonObject key = other.value("key").orElseThrow().asObject();
        assertThat(get("streams?key=" + text(key, "thumbprint")).intValue("matching")).hasValue(1);
        assertThat(text(get("streams/" + text(other, "id")), "subject")).isEqualTo("bob");
        assertThat(get("streams").intValue("total")).hasValue(2);
    }

    @Test
    void documentsEveryFieldAndOutcome() throws Exception {
        open("topic=a").close();
        await().until(() -> get("ended").intValue("matching").equals(Optional.of(1)));
        String id = hub.publish(new Update("a", "text"));
        JsonObject event = get("events/" + id);

        Set<String> fields = new TreeSet<>(streams(event).getFirst().keysAsStrings());
        assertThat(documented("### Fields of a stream")).isEqualTo(fields);
        assertThat(documented("### Why a client did not get an event"))
                .isEqualTo(Stream.of(Outcome.values()).map(Outcome::label).collect(Collectors.toCollection(TreeSet::new)))
                .isEqualTo(new TreeSet<>(event.value("counts").orElseThrow().asObject().keysAsStrings()));
        Set<String> parameters = new TreeSet<>(StreamQuery.FIELDS);
        parameters.add("outcome");
        assertThat(documented("### Choose and sort")).isEqualTo(parameters);
    }

    private static Set<String> documented(String heading) throws IOException {
        String text = Files.readString(PAGE);
        String table = text.substring(text.indexOf("\n|", text.indexOf("\n" + heading + "\n")) + 1);
        return Pattern.compile("^\\| `([A-Za-z-]+)` \\|", Pattern.MULTILINE).matcher(table.substring(0, table.indexOf("\n\n")))
                .results().map(row -> row.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void choosesAndSorts() throws Exception {
        open("topic=a");
        open("topic=a&topic=%7Bx%7D");
        open("topic=b", "Authorization: Bearer " + token(sees("a"), "bob"));

        assertThat(get("streams?topic=a").intValue("matching")).hasValue(2);
        assertThat(get("streams?address=127.0.0.0/8&state=live").intValue("matching")).hasValue(3);
        assertThat(get("streams?address=10.0.0.1").intValue("matching")).hasValue(0);
        assertThat(get("streams?state=catching-up").intValue("matching")).hasValue(0);
        assertThat(get("streams?stalled=true").intValue("matching")).hasValue(0);
        List<String> oldestFirst = streams(get("streams?sort=-age")).stream().map(stream -> text(stream, "opened")).toList();
        assertThat(oldestFirst).isSorted().hasSize(3);
        assertThat(streams(get("streams?sort=-age&offset=1&limit=1")).stream().map(stream -> text(stream, "opened")))
                .containsExactly(oldestFirst.get(1));
        assertThat(text(streams(get("streams?sort=subject")).getFirst(), "subject")).isEqualTo("bob");

        assertThat(send("GET", "streams?sort=colour").body()).startsWith("the field sort must be one of address, age, ");
        assertThat(send("GET", "streams?adress=1").body()).startsWith("the field adress is not known here; there are address,");
        assertThat(send("GET", "streams?limit=1001").body()).startsWith("the field limit must be a number from 0 to 1000");
        assertThat(send("GET", "streams?address=me").statusCode()).isEqualTo(400);
        assertThat(send("POST", "streams").headers().firstValue("Allow")).hasValue("GET, HEAD, DELETE");
        assertThat(send("HEAD", "streams").body()).isEmpty();
    }

    @Test
    void saysWhatBecameOfAnEvent() throws Exception {
        SseClient reader = open("topic=t", "Authorization: Bearer " + token(sees("t"), "reader"));
        open("topic=t", "Authorization: Bearer " + token(sees("other"), "stranger"));
        open("topic=other");
        SseClient left = open("topic=t", "Authorization: Bearer " + token(sees("t"), "left"));
        left.close();
        await().until(() -> hub.subscribers() == 3);

        String id = hub.publish(new Update(List.of("t"), "text", null, "my/id 1", null, true));
        reader.nextFrame();
        open("topic=t", "Authorization: Bearer " + token(sees("t"), "late"));

        Map<String, String> expected = Map.of("[\"t\"]reader", "written", "[\"t\"]stranger", "filtered", "[\"t\"]left",
                "left-before", "[\"t\"]late", "came-later");
        assertThat(id).isEqualTo("my/id 1");
        await().untilAsserted(() -> assertThat(outcomes("my%2Fid%201", "")).isEqualTo(expected));
        assertThat(outcomes("my/id%201", "?outcome=filtered")).containsOnlyKeys("[\"t\"]stranger");
        String checkpoint = text(get("events/my%2Fid%201"), "checkpoint");
        assertThat(outcomes(checkpoint, "")).isEqualTo(expected);
        assertThat(outcomes(checkpoint, "?subject=late")).containsOnlyKeys("[\"t\"]late");
        assertThat(send("GET", "events/0-1").statusCode()).isEqualTo(404);
        for (String path : List.of("events/", "events", "%65vents/my%2Fid%201", "events;x/my%2Fid%201", "./events/my%2Fid%201")) {
            assertThat(send("GET", path).body()).as(path).isEqualTo("the path needs the id of the event: /observe/events/ID\n");
        }
        assertThat(send("GET", "events/no").body()).startsWith("no event with the id no is known");
    }

    @Test
    void saysWhichStreamsHadPassedAnEventThatTheHistoryHasLost() throws Exception {
        SseClient reader = open("topic=t");
        String id = hub.publish(new Update("t", "text"));
        reader.nextFrame();
        await().until(() -> outcomes(id, "").containsValue("written"));
        hub.forget("t");

        assertThat(send("GET", "events/" + id).body()).contains("with ?topic=NAME");
        JsonObject event = get("events/" + id + "?topic=t");
        assertThat(event.booleanValue("held")).hasValue(false);
        assertThat(text(streams(event).getFirst(), "outcome")).isEqualTo("written");
    }

    @Test
    void anEventWaitsForAClientThatDoesNotRead() throws Exception {
        SseClient stalled = SseClient.withSmallWindow(server.port(), "/sse?topic=t");
        streams.add(stalled);
        stalled.nextFrame();
        String waiting = IntStream.range(0, 10).mapToObj(_ -> hub.publish(new Update("t", "x".repeat(50_000)))).toList()
                .getLast();
        await().until(() -> outcomes(waiting, "").containsValue("waiting"));
        await().until(() -> get("streams?stalled=true").intValue("matching").equals(Optional.of(1)));
        JsonObject stream = streams(get("streams?stalled=true")).getFirst();
        assertThat(Double.parseDouble(text(stream, "behind"))).isGreaterThanOrEqualTo(1);

        send("DELETE", "streams/" + text(stream, "id"));
        await().until(() -> outcomes(waiting, "").containsValue("cut-off"));
        assertThat(text(streams(get("ended?reason=operator")).getFirst(), "state")).isEqualTo("ended");
    }

    @Test
    void endsOneStreamSoThatItsClientComesBack() throws Exception {
        SseClient first = open("topic=a");
        SseClient second = open("topic=b");
        String id = text(streams(get("streams?topic=a")).getFirst(), "id");

        assertThat(send("DELETE", "streams/" + id).body())
                .isEqualTo("{\"ended\":1,\"nodes\":[{\"name\":\"1\",\"ended\":1}],\"missing\":[]}");
        assertThat(first.nextFrame()).contains(": an operator has ended this stream");
        assertThat(first.isCutBetweenChunks()).as("without the last chunk, every library reconnects").isTrue();
        hub.publish(new Update("b", "text"));
        assertThat(second.nextFrame()).contains("data: text");
        await().until(() -> get("ended").intValue("matching").equals(Optional.of(1)));
        JsonObject ended = get("streams/" + id);
        assertThat(text(ended, "reason")).isEqualTo("operator");
        assertThat(send("DELETE", "streams/" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void endsAllStreamsOfASubjectOrAKey() throws Exception {
        for (String subject : List.of("bob", "bob", "eve")) {
            open("topic=a", "Authorization: Bearer " + token(sees("a"), subject));
        }
        open("topic=a");
        String key = text(streams(get("streams?subject=eve")).getFirst().value("key").orElseThrow().asObject(), "thumbprint");

        assertThat(send("DELETE", "streams").statusCode()).isEqualTo(400);
        assertThat(send("DELETE", "streams?topic=a").statusCode()).isEqualTo(400);
        assertThat(send("DELETE", "streams?subject=bob&key=" + key).statusCode()).isEqualTo(400);
        assertThat(hub.subscribers()).isEqualTo(4);
        assertThat(send("DELETE", "streams?subject=bob").body()).startsWith("{\"ended\":2,");
        await().until(() -> hub.subscribers() == 2);
        assertThat(send("DELETE", "streams?key=" + key).body()).startsWith("{\"ended\":1,");
        await().until(() -> hub.subscribers() == 1);
    }
}
