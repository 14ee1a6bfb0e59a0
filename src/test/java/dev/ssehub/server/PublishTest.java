package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.Meters;
import dev.ssehub.transport.LocalTransport;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing over HTTP. */
class PublishTest {
    private static final int MAX_SIZE = 5_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Hub hub = TestHub.create();
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        TestSettings settings = new TestSettings();
        settings.maxPublishSize = MAX_SIZE;
        settings.maxPendingSize = 2 * MAX_SIZE;
        server = HubServer.start(settings.build(), hub, TestHub.open("open", "/books/{id}", "/.well-known/mercure/{+any}"),
                new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        client.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/.well-known/mercure"})
    void answersWithTheIdAndReachesTheSubscribersOfAnyTopic(String path) throws Exception {
        try (SseClient canonical = open(path + "?topic=open"); SseClient alternate = open("/sse?topic=/books/{id}")) {
            HttpResponse<String> response = post(path, "topic=open&topic=%2Fbooks%2F1&data=a+b%0Ac%26&type=news&retry=1500");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
            assertThat(response.body()).matches("\\d{13}-\\d+");
            String frame = "id: " + response.body() + "\nevent: news\nretry: 1500\ndata: a b\ndata: c&";
            assertThat(canonical.nextFrame()).isEqualTo(frame);
            assertThat(alternate.nextFrame()).isEqualTo(frame);
        }
    }

    @Test
    void acceptsMissingEmptyAndAnyOtherData() throws Exception {
        try (SseClient subscriber = open("/sse?topic=open")) {
            for (String form : List.of("topic=open", "topic=open&data=", "topic=open&data",
                    "&&topic=open&&data=&type=&id=&retry=")) {
                post("/sse", form);
                assertThat(subscriber.nextFrame()).as(form).matches("id: \\d+-\\d+\\ndata: ");
            }
            post("/sse", "topic=open&data=\u00e4%C3%A4+%2B%F0%9F%98%80%0D%0A%0Dx%EF%BB%BF%00%3D=");
            assertThat(subscriber.nextFrame()).endsWith("data: \u00e4\u00e4 +\uD83D\uDE00\ndata: \ndata: x\uFEFF\0==");
        }
    }

    @Test
    void sendsAPublishersIdUnchangedAndOnce() throws Exception {
        try (SseClient subscriber = open("/sse?topic=open")) {
            assertThat(post("/sse", "topic=open&data=1&id=urn:1+2").body()).isEqualTo("urn:1 2");
            HttpResponse<String> again = post("/sse", "topic=open&data=2&id=urn:1+2");
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).isEqualTo("urn:1 2");
            post("/sse", "topic=open&data=3");

            assertThat(subscriber.nextFrame()).isEqualTo("id: urn:1 2\ndata: 1");
            assertThat(subscriber.nextData()).isEqualTo("3");
        }
        try (SseClient resumed = open("/sse?topic=open&lastEventID=urn:1%202")) {
            assertThat(resumed.nextData()).isEqualTo("3");
        }
    }

    @Test
    void sendsAPrivateUpdateOnlyToSubscribersWithAGrant() throws Exception {
        try (SseClient subscriber = open("/sse?topic=*")) {
            for (String form : List.of("topic=open&data=secret&private=on&id=urn:secret", "topic=open&data=secret&private",
                    "topic=open&data=secret&private=")) {
                assertThat(post("/sse", form).statusCode()).isEqualTo(200);
            }
            post("/sse", "topic=open&data=public");
            assertThat(subscriber.nextData()).isEqualTo("public");
        }
        try (SseClient subscriber = open("/sse?topic=*&lastEventID=earliest")) {
            assertThat(subscriber.nextData()).isEqualTo("public");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "data=x|400|the field topic is missing: an event needs at least one topic",
            "''|400|the field topic is missing: an event needs at least one topic", "topic=|400|the topic must not be empty",
            "topic=open&topic=|400|the topic must not be empty",
            "topic=a%0Ab|400|the topic must not contain control characters, found U+000A at 1",
            "topic=open&id=%231|400|the id must not begin with #, be earliest, or look like 1795355311271-0: these ids are reserved for the hub",
            "topic=open&id=%C3%A9|400|the id must be ASCII, and not begin or end with a space: clients send it back in a header",
            "topic=open&id=earliest|400|the id must not begin with #, be earliest, or look like 1795355311271-0: these ids are reserved for the hub",
            "topic=open&id=1795355311271-7|400|the id must not begin with #, be earliest, or look like 1795355311271-0: these ids are reserved for the hub",
            "topic=open&id=a%0Db|400|the id must not contain control characters, found U+000D at 1",
            "topic=open&id=a%00b|400|the id must not contain control characters, found U+0000 at 1",
            "topic=open&type=a%0Ab|400|the type must not contain CR, LF or NUL, found U+000A at 1",
            "topic=open&type=gap|400|the type must not be one of the hub's own: gap, expired, overload",
            "topic=open&retry=-1|400|the field retry must be a number of milliseconds from 0 to 60000",
            "topic=open&retry=1s|400|the field retry must be a number of milliseconds from 0 to 60000",
            "topic=open&retry=\u0663|400|the field retry must be a number of milliseconds from 0 to 60000",
            "topic=open&retry=60001|400|the field retry may be up to 60000 milliseconds (sse-hub.publish.max-retry), not 60001",
            "topic=open&retry=99999999|400|the field retry may be up to 60000 milliseconds (sse-hub.publish.max-retry), not 99999999",
            "topic=open&data=1&data=2|400|the field data may be given once, not 2 times",
            "topic=open&id=1&id=2|400|the field id may be given once, not 2 times",
            "topic=open&data=%zz|400|the field data has '%zz', which is not a percent code",
            "topic=open&data=%4|400|the field data has '%4', which is not a percent code",
            "topic=open&data=%|400|the field data has '%', which is not a percent code",
            "topic=open&data=%C3%28|400|the field data is not UTF-8", "topic=open&data=%ED%A0%80|400|the field data is not UTF-8",
            "topic=open&%C3=x|400|the name of a field is not UTF-8",
            "topics=open|400|there is no field topics; did you mean topic?",
            "topic=open&Data=x|400|there is no field Data; did you mean data?",
            "channel=open|400|there is no field channel; did you mean topic?",
            "match=open|400|there is no field match; did you mean topic?",
            "topic=open&event=order|400|there is no field event; did you mean type?",
            "topic=open&message=x|400|there is no field message; did you mean data?",
            "topic=open;data=x|400|the fields must be separated by &, not by ;",
            "topic=open&payload=x|400|there is no field payload; did you mean data?",
            "topic=open&body=x|400|there is no field body; did you mean data?",
            "topic=open&content=x|400|there is no field content; did you mean data?",
            "topic=open&text=x|400|there is no field text; did you mean data?",
            "topic=open&data=x&Private=on|400|there is no field Private; did you mean private?",
            "topic=open&data=x&+private%00=on|400|there is no field  private?; did you mean private?",
            "topic=open&data=x&private[]=on|400|the field private[] is not understood; write private",
            "topic=open&data[a]=1|400|the field data[a] is not understood; write data",
            "topic=open&data=x&id[]=1|400|the field id[] is not understood; write id",
            "topic=open&data=x&retry[0]=1|400|the field retry[0] is not understood; write retry",
            "topic=open&data=x&type[]=1|400|the field type[] is not understood; write type",
            "topic[a]=open&data=x|400|the field topic[a] is not understood; write topic",
            "topic=open&topic[]=closed&data=x|401|it takes a token to publish to closed; sse-hub.publish.anonymous-topics sets what is open without a token",
            "topic=closed|401|it takes a token to publish to closed; sse-hub.publish.anonymous-topics sets what is open without a token",
            "topic=open&topic=closed|401|it takes a token to publish to closed; sse-hub.publish.anonymous-topics sets what is open without a token",
            "topic=/books/1/2|401|it takes a token to publish to /books/1/2; sse-hub.publish.anonymous-topics sets what is open without a token",
            "topic=open&topic=/.well-known/mercure/subscriptions/x/y|403|/.well-known/mercure and all topics below it belong to the hub, however they are written: only the hub publishes to them"})
    void refusesAWrongFormWithOneSentence(String form, int status, String sentence) throws Exception {
        try (SseClient subscriber = open("/sse?topic=*")) {
            HttpResponse<String> response = post("/sse", form);

            assertThat(response.body()).isEqualTo(sentence + "\n");
            assertThat(response.statusCode()).isEqualTo(status);
            assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
            assertThat(response.headers().firstValue("WWW-Authenticate").isPresent()).isEqualTo(status == 401);
            hub.publish(new Update("open", "next"));
            assertThat(subscriber.nextData()).isEqualTo("next");
        }
    }

    @Test
    void limitsNamesAndNumbers() throws Exception {
        for (String field : List.of("topic", "type", "id")) {
            String form = (field.equals("topic") ? "" : "topic=open&") + field + "=";
            assertThat(post("/sse", form + "x".repeat(1025)).body())
                    .isEqualTo("the " + field + " may have up to 1024 characters, this one has 1025\n");
        }
        assertThat(post("/sse", "topic=open&id=" + "x".repeat(1024)).statusCode()).isEqualTo(200);
        String topics = IntStream.range(0, 21).mapToObj(i -> "topic=/books/" + i).collect(Collectors.joining("&"));
        assertThat(post("/sse", topics).body()).isEqualTo("an update must have 1 to 20 topics, not 21\n");
        assertThat(post("/sse", topics.replace("topic=/books/7&", "")).statusCode()).isEqualTo(200);
        assertThat(post("/sse", "topic=open&data=" + "%0A".repeat(1_600)).body()).isEqualTo(
                "an event may have up to 10000 bytes; with a field name before each line, this one has 11208\n");
        assertThat(post("/sse", "topic=open&" + "a&".repeat(1_000)).body()).isEqualTo("there are more than 1000 fields\n");
    }

    @Test
    void limitsTheSizeOfARequest() throws Exception {
        String form = "topic=open&data=";
        assertThat(post("/sse", form + "x".repeat(MAX_SIZE - form.length())).statusCode()).isEqualTo(200);
        for (int more : List.of(1, 1_000_000, 20_000_000)) {
            HttpResponse<String> response = post("/sse", form + "x".repeat(MAX_SIZE - form.length() + more));
            assertThat(response.statusCode()).isEqualTo(413);
            assertThat(response.body()).isEqualTo("a publish request may have up to 5000 bytes, not " + (MAX_SIZE + more) + "\n");
        }
        String large = "POST /sse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 8000000\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\n" + "x".repeat(8_000_000);
        assertThat(raw(large)).startsWith("HTTP/1.1 413 ").endsWith("5000 bytes, not 8000000\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/plain", "application/jsonx", "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded; charset=ISO-8859-1", "application/x-www-form-urlencodedx", ";"})
    void acceptsNoOtherTypes(String type) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/sse")).POST(HttpRequest.BodyPublishers.ofString("topic=open"));
        HttpResponse<String> response = client.send((type.isEmpty() ? request : request.header("Content-Type", type)).build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.body()).isEqualTo("the Content-Type must be application/x-www-form-urlencoded, "
                + "application/json, application/x-ndjson or text/event-stream, in UTF-8, "
                + (type.isEmpty() ? "but it is missing" : "not " + type) + "\n");
    }

    @Test
    void tellsAPublisherToRetryWhileTheHubStops() throws Exception {
        hub.close();
        HttpResponse<String> response = post("/sse", "topic=open");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(response.body()).isEqualTo("the hub is stopping\n");
    }

    /** Otherwise incomplete requests could fill the memory. */
    @Test
    void limitsTheSizeOfAllPendingRequests() throws Exception {
        List<Socket> halves = new ArrayList<>();
        String most = "topic=open&data=" + "x".repeat(MAX_SIZE - 20); // one address may take as much as one request
        halves.add(new Socket("localhost", server.port()));
        halves.getLast().getOutputStream().write(("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + MAX_SIZE
                + "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n" + most).getBytes(ISO_8859_1));
        await().until(() -> post("/sse", "topic=open").statusCode() == 503);
        HttpResponse<String> refused = post("/sse", "topic=open");
        assertThat(refused.body()).isEqualTo("the publish requests in progress take all the memory there is for them\n");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();

        halves.getFirst().close();
        await().until(() -> post("/sse", "topic=open").statusCode() == 200);
    }

    /** A body takes memory until its update is published, not only until it is read. */
    @Test
    void countsTheBodyOfARequestUntilItIsPublished() throws Exception {
        CountDownLatch publishing = new CountDownLatch(1);
        CountDownLatch mayPublish = new CountDownLatch(1);
        LocalTransport local = new LocalTransport(InstantSource.system());
        Transport slow = new Transport() {
            @Override
            public void start(Listener listener, long newest) {
                local.start(listener, newest);
            }

            @Override
            public void forget(String topic) {
                local.forget(topic);
            }

            @Override
            public void refuse() {
                local.refuse();
            }

            @Override
            public List<String> publish(List<Publication> together) {
                publishing.countDown();
                try {
                    mayPublish.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return local.publish(together);
            }

            @Override
            public void close() {
                local.close();
            }
        };
        TestSettings settings = new TestSettings();
        settings.maxPublishSize = MAX_SIZE;
        settings.maxPendingSize = MAX_SIZE;
        try (Hub slowHub = TestHub.create(slow);
                HubServer slowServer = HubServer.start(settings.build(), slowHub, TestHub.open("open"), new Meters())) {
            URI uri = URI.create("http://localhost:" + slowServer.port() + "/sse");
            CompletableFuture<HttpResponse<String>> first = client.sendAsync(
                    form(uri, "topic=open&data=" + "x".repeat(MAX_SIZE - 20)), HttpResponse.BodyHandlers.ofString());
            publishing.await();
            assertThat(client.send(form(uri, "topic=open&data=" + "y".repeat(100)), HttpResponse.BodyHandlers.ofString())
                    .statusCode()).isEqualTo(503);
            mayPublish.countDown();
            assertThat(first.join().statusCode()).isEqualTo(200);
            assertThat(client.send(form(uri, "topic=open&data=" + "y".repeat(100)), HttpResponse.BodyHandlers.ofString())
                    .statusCode()).isEqualTo(200);
        }
    }

    private static HttpRequest form(URI uri, String body) {
        return HttpRequest.newBuilder(uri).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    @Test
    void publishesNothingIfThePublisherLeavesInTheMiddle() throws Exception {
        try (SseClient subscriber = open("/sse?topic=open")) {
            try (Socket socket = new Socket("localhost", server.port())) {
                socket.getOutputStream().write(("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n\r\ntopic=open&data=half").getBytes(ISO_8859_1));
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes()).isEmpty();
            }
            hub.publish(new Update("open", "next"));
            assertThat(subscriber.nextData()).isEqualTo("next");
        }
    }

    /** EventSource does not encode braces and some other characters. */
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"/books/{id} /books/1", "a|b a|b", "a^b a^b", "[x] [x]",
            "{not{a}template {not{a}template",
            "%7Ba%7D a", "caf%C3%A9 caf\u00e9"})
    void readsQueriesAsBrowsersWriteThem(String query, String topic) throws Exception {
        try (SseClient subscriber = open("/sse?topic=" + query)) {
            hub.publish(new Update(topic, "found"));
            assertThat(subscriber.nextData()).isEqualTo("found");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"topic=\u00e4|the query must be ASCII; all other characters must be percent-encoded",
            "Topic=a|there is no field Topic; did you mean topic?",
            "topics=a|there is no field topics; did you mean topic?",
            "channel=a|there is no field channel; did you mean topic?",
            "match=a|there is no field match; did you mean topic?",
            "matchURLPattern=a|there is no field matchURLPattern; did you mean topic?",
            "topic[a]=a|the field topic[a] is not understood; write topic",
            "topic=a&explain[]=true|the field explain[] is not understood; write explain",
            "topic=a&lastEventId[]=1|the field lastEventId[] is not understood; write lastEventId",
            "topic=a&last[]=1|the field last[] is not understood; write last",
            "topic=a&last=1&last=2|the field last may be given once, not 2 times",
            "topic=a&Last=1|there is no field Last; did you mean last?",
            "topic=a&last_n=1|there is no field last_n; did you mean last?",
            "topic=%zz|the field topic has '%zz', which is not a percent code",
            "topic={a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}|a URI template may have at most 20 variables, this one has 21",
            "topic={a}{b}{c}{d}{e}{f}{g}{h}{i}{j}&topic={a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}|the templates of a subscription may have at most 20 variables in all, these have 21"})
    void refusesAMalformedQuery(String query, String sentence) throws Exception {
        String answer = raw("GET /sse?" + query + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").endsWith("\r\n\r\n" + sentence + "\n");
        await().until(() -> hub.subscribers() == 0);
    }

    @Test
    void refusesRequestsThatAreNotHttp11() throws Exception {
        assertThat(raw("GET /sse HTTP/0.9\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /sse?topic=" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 414 ");
    }

    /** A client that asks for it may read until the connection is closed. */
    @ParameterizedTest
    @ValueSource(strings = {"/sse?topic=", "/static/page.css", "/", "/nothing", "/observe/health", "/.well-known/mercure"})
    void closesTheConnectionIfTheClientAsksForIt(String path) throws Exception {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 ").contains("\r\nConnection: close\r\n");
        int length = Integer.parseInt(answer.replaceAll("(?s).*\r\nContent-Length: (\\d+)\r\n.*", "$1"));
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).hasSize(length);

        String form = "topic=open&data=x";
        assertThat(raw("POST /sse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + form.length()
                + "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n" + form)).matches("(?s).*\r\n\r\n\\d+-\\d+");
    }

    /** Sends these bytes and returns everything that is received before the connection is closed. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.port() + path);
    }

    private SseClient open(String target) throws IOException {
        return SseClient.opened(server.port(), target);
    }
}
