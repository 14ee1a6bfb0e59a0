package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.access.Mercure;
import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access over HTTP. The tokens are built by hand, not with the library that checks them. */
class AccessTest {
    private static final String SECRET = "a secret that is long enough, just";
    private static final String OTHER_SECRET = "another one that is long enough too";
    private static final String ORIGIN = "https://app.example";
    private static final String NAME = "3f0c9a52-8d1e-4b7a-9a55-6c1f0f4f2a10";
    private static final String INVALID = "Bearer realm=\"sse-hub\", error=\"invalid_token\"";
    private static final String INSUFFICIENT = "Bearer realm=\"sse-hub\", error=\"insufficient_scope\"";

    private final Hub hub = TestHub.create();
    private final TestSettings settings = new TestSettings();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Handler logHandler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            log.add(record.getLevel() + " " + record.getMessage() + " " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private HubServer server;

    @BeforeEach
    void start() throws Exception {
        settings.allowedOrigins = Set.of(ORIGIN);
        settings.tokenInQuery = true;
        settings.tellsSubscriptions = true;
        start(secret(SECRET));
        Logger.getLogger("").addHandler(logHandler);
    }

    private void start(KeySettings subscriber) throws Exception {
        Grant anonymous = new Grant(List.of(TopicSelector.parse("open")), List.of(TopicSelector.parse("public")), List.of());
        server = HubServer.start(settings.build(), hub, JwtAuthorizer.create(
                new TokenSettings(secret(SECRET), subscriber, Optional.empty(), Optional.empty(), Duration.ZERO), anonymous,
                InstantSource.system()), new Meters());
    }

    private void restart(KeySettings subscriber) throws Exception {
        server.close();
        start(subscriber);
    }

    private static KeySettings secret(String secret) {
        return new KeySettings(Optional.empty(), Optional.of(secret), Optional.empty(), Optional.empty());
    }

    @AfterEach
    void stop() {
        Logger.getLogger("").removeHandler(logHandler);
        hub.close();
        server.close();
        client.close();
    }

    static Stream<Arguments> matrix() throws Exception {
        long now = Instant.now().getEpochSecond();
        String claims = claims("\"exp\":" + (now + 600), "[\"a\"]", "[\"a\"]");
        List<Arguments> kinds = List.of(Arguments.of("valid", token(SECRET, claims)),
                Arguments.of("expired", token(SECRET, claims("\"exp\":" + (now - 1), "[\"a\"]", "[\"a\"]"))),
                Arguments.of("not yet", token(SECRET, claims("\"nbf\":" + (now + 600), "[\"a\"]", "[\"a\"]"))),
                Arguments.of("wrong key", token(OTHER_SECRET, claims)),
                Arguments.of("wrong algorithm", token("HS512", "HmacSHA512", SECRET, claims)),
                Arguments.of("none", encode("{\"alg\":\"none\"}") + "." + encode(claims) + "."),
                Arguments.of("garbage", "no.token.at-all"),
                Arguments.of("huge", token(OTHER_SECRET, claims("\"x\":\"" + "y".repeat(6_000) + "\"", "[\"a\"]", "[\"a\"]"))));
        return kinds.stream().flatMap(kind -> Stream.of("header", "cookie", "query").flatMap(source -> Stream
                .of("publish", "subscribe", "private")
                .map(action -> Arguments.of(kind.get()[0], kind.get()[1], source, action))));
    }

    @ParameterizedTest(name = "{0} in the {2}: {3}")
    @MethodSource("matrix")
    void acceptsOnlyValidTokens(String kind, String token, String source, String action) throws Exception {
        String query = source.equals("query") ? "&authorization=" + URLEncoder.encode(token, UTF_8) : "";
        String[] headers = switch (source) {
            case "header" -> new String[]{"Authorization: Bearer " + token};
            case "cookie" -> new String[]{"Cookie: other=1; mercureAuthorization=" + token + "; more=2", "Origin: " + ORIGIN};
            default -> new String[0];
        };
        boolean isValid = kind.equals("valid");
        if (isValid && !action.equals("publish")) {
            try (SseClient stream = new SseClient(server.port(), "/sse?topic=a" + query, headers)) {
                assertThat(stream.headers()).startsWith("HTTP/1.1 200 OK");
                hub.publish(new Update(List.of("a"), "1", null, null, null, action.equals("private")));
                assertThat(stream.nextData()).isEqualTo("1");
            }
            return;
        }
        HttpResponse<String> response = action.equals("publish")
                ? publish("/sse?" + query, "topic=a&data=1", headers)
                : get("/sse?topic=a" + query, headers);
        assertThat(response.statusCode()).isEqualTo(isValid ? 200 : 401);
        if (!isValid) {
            assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue(INVALID);
            assertThat(response.body()).matches("[^\n]+\n").doesNotContain(token, SECRET);
        }
        assertThat(log).noneMatch(line -> line.contains(token) || line.contains(SECRET));
        assertThat(hub.published()).isEqualTo(isValid ? 1 : 0);
    }

    @Test
    void allowsOnlyAnonymousTopicsWithoutAToken() throws Exception {
        assertThat(publish("/sse", "topic=open&data=1").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = publish("/sse", "topic=open&topic=a&data=1");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"sse-hub\"");
        assertThat(refused.body()).isEqualTo("it takes a token to publish to a; "
                + "sse-hub.publish.anonymous-topics sets what is open without a token\n");
        try (SseClient stream = SseClient.opened(server.port(), "/sse?topic=public")) {
            hub.publish(new Update(List.of("public"), "secret", null, null, null, true));
            hub.publish(new Update("public", "for all"));
            assertThat(stream.nextData()).isEqualTo("for all");
        }
        for (String topic : List.of("a", "*", "%7Bx%7D", "public&topic=a")) {
            assertThat(get("/sse?topic=" + topic).statusCode()).as(topic).isEqualTo(401);
        }
        // the proxy's own credentials, which the hub ignores
        assertThat(publish("/sse", "topic=open&data=1", "Authorization: Basic dTpw").statusCode()).isEqualTo(200);
    }

    @Test
    void answers403IfTheTokenDoesNotCoverTheRequest() throws Exception {
        String bearer = bearer("\"sub\":\"u\"", "[\"a\", \"/b/{id}\"]", "[\"/b/{id}\"]");

        assertThat(publish("/sse", "topic=a&topic=/b/1&data=1", bearer).statusCode()).isEqualTo(200);
        assertThat(publish("/sse", "topic=a&topic=open&data=1", bearer).statusCode()).as("as for everyone").isEqualTo(200);
        HttpResponse<String> refused = publish("/sse", "topic=a&topic=c&topic=d&data=1", bearer);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("the token does not grant the right to publish to c, d\n");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue(INSUFFICIENT);
        for (String topic : List.of("/b/1", "/b/{id}", "public")) {
            assertOpens(server, "/sse?topic=" + topic, bearer);
        }
        for (String topic : List.of("a", "*", "/b/{other}", "/b/1/2")) {
            HttpResponse<String> response = get("/sse?topic=" + URLEncoder.encode(topic, UTF_8), bearer);
            assertThat(response.statusCode()).as(topic).isEqualTo(403);
            assertThat(response.headers().firstValue("WWW-Authenticate")).as(topic).hasValue(INSUFFICIENT);
        }
        assertThat(get(Mercure.SUBSCRIPTIONS, bearer).headers().firstValue("WWW-Authenticate")).hasValue(INSUFFICIENT);
    }

    @Test
    void forgetsOnlyWhatTheTokenMayPublish() throws Exception {
        String bearer = bearer("\"sub\":\"u\"", "[\"a\", \"/b/{id}\"]", "[\"c\"]");
        String cookie = "Cookie: mercureAuthorization=" + token(SECRET, claims("\"sub\":\"u\"", "[\"a\"]", "[]"));

        assertThat(forget("a&topic=/b/1&topic=open", bearer).statusCode()).isEqualTo(204);
        assertThat(forget("a", cookie, "Origin: " + ORIGIN).statusCode()).isEqualTo(204);
        assertThat(forget("a", cookie, "Origin: https://evil.example").statusCode()).isEqualTo(403);
        assertThat(forget("a", cookie).statusCode()).as("from an unknown page").isEqualTo(403);
        assertThat(forget("a").statusCode()).isEqualTo(401);
        HttpResponse<String> invalid = forget("open", "Authorization: Bearer x.y.z");
        assertThat(invalid.statusCode()).isEqualTo(401);
        assertThat(invalid.headers().firstValue("WWW-Authenticate")).hasValue(INVALID);
        HttpResponse<String> refused = forget("a&topic=c", bearer);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("the token does not grant the right to publish to c\n");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue(INSUFFICIENT);
    }

    @Test
    void namesOriginAndKeyToAPageThatMayNotUseACookie() throws Exception {
        String cookie = "Cookie: mercureAuthorization=" + token(SECRET, claims("\"sub\":\"u\"", "[\"a\"]", "[\"a\"]"));
        for (Set<String> origins : List.of(Set.<String>of(), Set.of("*"))) {
            settings.allowedOrigins = origins;
            restart(secret(SECRET));
            for (String method : List.of("POST", "PUT")) {
                HttpResponse<String> refused = method.equals("POST")
                        ? publish("/sse", "topic=a", cookie, "Origin: https://evil.example")
                        : put(NAME, cookie, "Origin: https://evil.example");
                assertThat(refused.statusCode()).isEqualTo(403);
                assertThat(refused.body())
                        .isEqualTo("pages of the origin https://evil.example may not use a token in a cookie, only "
                                + "pages of the hub's own origin, which is localhost:" + server.port()
                                + " by the header Host, and of those in sse-hub.cors.allowed-origins may\n");
            }
            assertThat(publish("/sse", "topic=a", cookie, "Origin: https://<b>").body())
                    .startsWith("pages of the origin https://?b? may not use a token in a cookie, ");
        }
    }

    /** Browsers send cookies with the requests of any page. */
    @Test
    void acceptsACookieOnlyFromAllowedPages() throws Exception {
        String cookie = "Cookie: mercureAuthorization=" + token(SECRET, claims("\"sub\":\"u\"", "[\"a\"]", "[\"a\"]"));

        assertThat(publish("/sse", "topic=a", cookie).statusCode()).isEqualTo(403);
        for (String origin : List.of("https://evil.example", "null", "https://app.example.evil.example",
                "https://app.example:8443",
                "http://localhost", "http://localhost:1", "not an origin", "//localhost:" + server.port(),
                "localhost:" + server.port(),
                "chrome-extension://localhost:" + server.port())) {
            assertThat(publish("/sse", "topic=a", cookie, "Origin: " + origin).statusCode()).as(origin).isEqualTo(403);
        }
        for (String origin : List.of(ORIGIN, "http://localhost:" + server.port(), "https://localhost:" + server.port())) {
            assertThat(publish("/sse", "topic=a", cookie, "Origin: " + origin).statusCode()).as(origin).isEqualTo(200);
        }
        assertThat(publish("/sse", "topic=a", cookie, bearer("\"sub\":\"u\"", "[\"a\"]", "[]")).statusCode())
                .as("the header comes first").isEqualTo(200);
        assertOpens(server, "/sse?topic=a", cookie);
    }

    /** A browser sends the cookies of all paths and domains under one name, the most specific first. */
    @Test
    void usesTheFirstCookieThatIsValid() throws Exception {
        String a = token(SECRET, claims(expiresIn(600), "[\"a\"]", "[\"a\"]"));
        String b = token(SECRET, claims(expiresIn(600), "[\"b\"]", "[\"b\"]"));
        String expired = token(SECRET, claims(expiresIn(-1), "[\"a\"]", "[\"a\"]"));
        String other = token(OTHER_SECRET, claims(expiresIn(600), "[\"b\"]", "[\"b\"]"));

        assertOpens(server, "/sse?topic=a", cookies(expired, a));
        assertOpens(server, "/sse?topic=a", cookies(expired, "", other, "x", a));
        assertOpens(server, "/sse?topic=a", cookies(a), cookies(expired));
        assertOpens(server, "/sse?topic=a", cookies(expired), cookies(a));
        assertThat(get("/sse?topic=b", cookies(a, b)).statusCode()).as("the first that is valid, whatever it grants")
                .isEqualTo(403);
        assertThat(publish("/sse", "topic=a", cookies(other, expired, a), "Origin: " + ORIGIN).statusCode()).isEqualTo(200);
        assertThat(publish("/sse", "topic=a", cookies(other, a)).statusCode()).as("no origin").isEqualTo(403);
        assertThat(get("/sse?topic=a", cookies(expired, other)).body()).isEqualTo("the token has expired\n");
        assertThat(get("/sse?topic=a", cookies("1", "2", "3", "4", a)).statusCode()).as("only four are checked").isEqualTo(401);
        assertOpens(server, "/sse?topic=public", cookies(""));
    }

    private static String cookies(String... tokens) {
        return "Cookie: " + Stream.of(tokens).map(token -> "mercureAuthorization=" + token).collect(joining("; "));
    }

    /** Mercure 0.24: a page can use another token than its cookie. */
    @Test
    void prefersTheQueryToTheCookie() throws Exception {
        String a = token(SECRET, claims(expiresIn(600), "[\"a\"]", "[\"a\"]"));
        String b = token(SECRET, claims(expiresIn(600), "[\"b\"]", "[\"b\"]"));

        assertOpens(server, "/sse?topic=b&authorization=" + b, cookies(a));
        assertThat(get("/sse?topic=a&authorization=" + b, cookies(a)).statusCode()).isEqualTo(403);
        assertThat(get("/sse?topic=a&authorization=x", cookies(a)).statusCode()).isEqualTo(401);
        assertThat(publish("/sse?authorization=" + b, "topic=b", cookies(a)).statusCode()).as("the cookie does not count")
                .isEqualTo(200);
        assertOpens(server, "/sse?topic=a&authorization=" + b, "Authorization: Bearer " + a);
        assertOpens(server, "/sse?topic=a&authorization=", cookies(a));

        settings.tokenInQuery = false;
        restart(secret(SECRET));
        assertOpens(server, "/sse?topic=a&authorization=" + b, cookies(a));
        assertThat(get("/sse?topic=b&authorization=" + b, cookies(a)).statusCode()).isEqualTo(403);
        assertThat(publish("/sse?authorization=" + a, "topic=a", cookies(a)).body()).as("a cookie needs an origin")
                .startsWith("a request with a token in a cookie needs the header Origin");
        assertThat(get("/sse?topic=a&authorization=" + a, cookies("")).body())
                .startsWith("this hub does not accept a token in the query");
    }

    /** RFC 6750 has one header with one token; a proxy may add a header of its own. */
    @Test
    void readsTheHeaderWhateverItsCase() throws Exception {
        String a = token(SECRET, claims(expiresIn(600), "[\"a\"]", "[\"a\"]"));
        for (String scheme : List.of("bearer ", "BEARER ", "Bearer    ")) {
            assertOpens(server, "/sse?topic=a", "Authorization: " + scheme + a);
            assertOpens(server, "/sse?topic=a", "authorization: " + scheme + a + "  ");
        }
        assertOpens(server, "/sse?topic=a", "Authorization: Basic dTpw", "Authorization: Bearer " + a);
        assertOpens(server, "/sse?topic=a", "Authorization: Bearer " + a, "Authorization: Basic dTpw");
        assertOpens(server, "/sse?topic=public", "Authorization: Bearerish x");

        for (String empty : List.of("Bearer", "Bearer ", "bearer")) {
            HttpResponse<String> refused = get("/sse?topic=public", "Authorization: " + empty, cookies(a));
            assertThat(refused.statusCode()).as(empty).isEqualTo(401);
            assertThat(refused.body()).isEqualTo("the header Authorization has no token after Bearer\n");
            assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue(INVALID);
        }
        assertThat(get("/sse?topic=public", "Authorization: " + a).body())
                .isEqualTo("the header Authorization must begin with Bearer, and the token must follow\n");
        HttpResponse<String> two = get("/sse?topic=a", "Authorization: Bearer " + a, "Authorization: Bearer " + a);
        assertThat(two.statusCode()).isEqualTo(400);
        assertThat(two.body()).isEqualTo("the request has several headers Authorization with a token, not one\n");
    }

    /** Browsers leave out the header Origin in some requests, and proxies remove it (Mercure, "Security Considerations"). */
    @Test
    void usesTheRefererIfThereIsNoOrigin() throws Exception {
        String cookie = cookies(token(SECRET, claims(expiresIn(600), "[\"a\"]", "[\"a\"]")));

        String own = "://localhost:" + server.port();
        for (String page : List.of(ORIGIN, ORIGIN + "/", ORIGIN + "/a/b?c#d", ORIGIN + "?q", "http" + own + "/static/index.html",
                "https" + own)) {
            assertThat(publish("/sse", "topic=a", cookie, "Referer: " + page).statusCode()).as(page).isEqualTo(200);
        }
        for (String page : List.of("https://evil.example/", "https://evil.example/" + ORIGIN, ORIGIN + ".evil.example/",
                ORIGIN + "@evil.example/", ORIGIN + ":8443/", "about:blank", "null", "", "/a", "//app.example/", "app.example",
                ORIGIN + "\\@evil.example/", "https:app.example/", "x " + ORIGIN + "/")) {
            assertThat(publish("/sse", "topic=a", cookie, "Referer: " + page).statusCode()).as(page).isEqualTo(403);
        }
        assertThat(publish("/sse", "topic=a", cookie, "Origin: null", "Referer: " + ORIGIN + "/").statusCode())
                .as("the origin counts").isEqualTo(403);
        assertThat(publish("/sse", "topic=a", cookie, "Referer: https://evil.example/x").body())
                .startsWith("pages of the origin https://evil.example may not use a token in a cookie, ");
        assertThat(publish("/sse", "topic=a", cookie).body()).isEqualTo("a request with a token in a cookie needs the header "
                + "Origin or Referer, which names the origin of the page\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/mercure/subscriptions/a/b", "/.well-known/mercure", "/.well-known/mercure/x",
            "https://hub.example/.well-known/mercure/subscriptions/a/b", "HTTPS://hub.example:8443/.well-known/mercure/x",
            "//hub.example/.well-known/mercure/x", "/.well-known/%6dercure/x", "/%2Ewell-known/mercure/x",
            "/a/../.well-known/mercure/x", "/%2e/a/%2E%2e/.well-known/mercure/x", "//.well-known//mercure//x",
            "\\.well-known\\mercure\\x", "/.Well-Known/MERCURE/x", "/.well-known%2Fmercure%2Fx"})
    void onlyTheHubPublishesToReservedTopics(String topic) throws Exception {
        HttpResponse<String> refused = publish("/sse", "topic=a&topic=" + URLEncoder.encode(topic, UTF_8),
                bearer(expiresIn(600), "[\"*\"]", "[]"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body())
                .isEqualTo("/.well-known/mercure and all topics below it belong to the hub, however they are written: "
                        + "only the hub publishes to them\n");
        assertThat(hub.published()).isZero();
    }

    @Test
    void readsATokenInTheQueryOnlyIfConfigured() throws Exception {
        settings.tokenInQuery = false;
        restart(secret(SECRET));
        HttpResponse<String> refused = get(
                "/sse?topic=a&authorization=" + token(SECRET, claims("\"sub\":\"u\"", "[]", "[\"a\"]")));

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).startsWith("this hub does not accept a token in the query");
    }

    @Test
    void checksSubscribersWithASeparateKey() throws Exception {
        restart(secret(OTHER_SECRET));
        String all = claims("\"sub\":\"u\"", "[\"a\"]", "[\"a\"]");

        assertThat(publish("/sse", "topic=a", "Authorization: Bearer " + token(SECRET, all)).statusCode()).isEqualTo(200);
        assertThat(publish("/sse", "topic=a", "Authorization: Bearer " + token(OTHER_SECRET, all)).statusCode()).isEqualTo(401);
        assertThat(get("/sse?topic=a", "Authorization: Bearer " + token(SECRET, all)).statusCode()).isEqualTo(401);
        assertOpens(server, "/sse?topic=a", "Authorization: Bearer " + token(OTHER_SECRET, all));
    }

    @Test
    void grantsTheListOfSubscriptionsLikeATopic() throws Exception {
        String path = Mercure.SUBSCRIPTIONS + "/a";

        assertThat(get(path).statusCode()).isEqualTo(401);
        assertThat(get(path, bearer("\"sub\":\"u\"", "[]", "[\"a\"]")).statusCode()).isEqualTo(403);
        assertThat(get(path, bearer("\"sub\":\"u\"", "[]", "[\"" + path + "\"]")).statusCode()).isEqualTo(200);
        assertThat(get(path, bearer("\"exp\":1", "[]", "[\"" + path + "\"]")).statusCode()).isEqualTo(401);
    }

    @Test
    void endsAStreamWithItsTokenAndReplaysAfterTheReconnect() throws Exception {
        try (SseClient stream = new SseClient(server.port(), "/sse?topic=a", bearer(expiresIn(2), "[]", "[\"a\"]"))) {
            String id = hub.publish(new Update("a", "1"));
            assertThat(stream.nextData()).isEqualTo("1");
            String last;
            do {
                last = stream.nextFrame();
            } while (!last.startsWith("event: "));
            assertThat(last).startsWith("event: expired\ndata: {\"message\":\"");
            assertThat(stream.endsProperly()).isTrue();
            hub.publish(new Update("a", "2"));

            try (SseClient again = new SseClient(server.port(), "/sse?topic=a", bearer(expiresIn(600), "[]", "[\"a\"]"),
                    "Last-Event-ID: " + id)) {
                assertThat(again.nextData()).isEqualTo("2");
            }
        }
    }

    @Test
    void renewsTheTokenOfAnOpenStream() throws Exception {
        String first = bearer(expiresIn(3) + ",\"sub\":\"ada\"", "[]", "[\"a\"]");
        try (SseClient stream = new SseClient(server.port(), "/sse?topic=a&streamName=" + NAME, first)) {
            stream.nextFrame();
            String fresh = bearer(expiresIn(600) + ",\"sub\":\"ada\"", "[]", "[\"a\", \"b\"]");
            assertThat(put(NAME).statusCode()).isEqualTo(401);
            assertThat(put(NAME, bearer("\"exp\":1,\"sub\":\"ada\"", "[]", "[\"a\"]")).statusCode()).isEqualTo(401);
            assertThat(put(NAME, bearer(expiresIn(600) + ",\"sub\":\"eve\"", "[]", "[\"a\"]")).statusCode()).isEqualTo(403);
            assertThat(put(NAME, bearer(expiresIn(600), "[]", "[\"a\"]")).statusCode()).isEqualTo(403);
            assertThat(put(NAME, bearer(expiresIn(600) + ",\"sub\":\"ada\"", "[]", "[\"b\"]")).body())
                    .isEqualTo("the token does not grant the right to subscribe to a\n");
            assertThat(put(NAME + "0", fresh).statusCode()).isEqualTo(404);
            assertThat(put("short", fresh).statusCode()).isEqualTo(400);
            assertThat(put(NAME, "Cookie: mercureAuthorization=" + fresh.substring(22)).statusCode()).as("no origin")
                    .isEqualTo(403);

            assertThat(put(NAME, fresh).statusCode()).isEqualTo(204);
            Instant past = Instant.now().plusSeconds(4);
            await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(past));
            hub.publish(new Update(List.of("a"), "after the first one's end", null, null, null, true));
            assertThat(stream.nextData()).isEqualTo("after the first one's end");
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> hub.subscribers() == 0);
        assertThat(put(NAME, bearer(expiresIn(600) + ",\"sub\":\"ada\"", "[]", "[\"a\"]")).statusCode()).isEqualTo(404);
    }

    @Test
    void keepsTheNameOfAStreamForItsSubject() throws Exception {
        assertThat(get("/sse?topic=public&streamName=" + NAME).statusCode()).isEqualTo(401);
        assertThat(get("/sse?topic=a&streamName=" + NAME, bearer("\"x\":1", "[]", "[\"a\"]")).body())
                .isEqualTo("only a stream whose token has a subject (sub) can have a name\n");
        String ada = bearer("\"sub\":\"ada\"", "[]", "[\"a\"]");
        try (SseClient _ = new SseClient(server.port(), "/sse?topic=a&streamName=" + NAME, ada)) {
            assertThat(get("/sse?topic=a&streamName=" + NAME, bearer("\"sub\":\"eve\"", "[]", "[\"a\"]")).statusCode())
                    .isEqualTo(409);
            // like a browser that reconnects before the hub has noticed that it left
            try (SseClient _ = new SseClient(server.port(), "/sse?topic=a&streamName=" + NAME, ada)) {
                assertThat(put(NAME, ada).statusCode()).isEqualTo(204);
            }
        }
    }

    @Test
    void keepsANameUntilItsLastStreamEnds() throws Exception {
        String target = "/sse?topic=a&streamName=" + NAME;
        String ada = bearer("\"sub\":\"ada\"", "[]", "[\"a\"]");
        SseClient before = new SseClient(server.port(), target, ada);
        try (SseClient _ = new SseClient(server.port(), target, ada)) {
            before.close();
            awaitPublished(3); // two starts and an end: the name is freed before the end is published
            assertThat(put(NAME, ada).statusCode()).isEqualTo(204);
        }
        awaitPublished(4);
        assertOpens(server, target, bearer("\"sub\":\"eve\"", "[]", "[\"a\"]"));
    }

    private void awaitPublished(int events) {
        await().atMost(Duration.ofSeconds(10)).until(() -> hub.published() == events);
    }

    /** The hub once registered the name only after it had sent the headers. */
    @Test
    void renewsAStreamAsSoonAsItsHeadersAreSent() throws Exception {
        String ada = bearer("\"sub\":\"ada\"", "[]", "[\"a\"]");
        for (int i = 0; i < 300; i++) {
            String name = "%s-%d".formatted(NAME, i);
            try (SseClient _ = new SseClient(server.port(), "/sse?topic=a&streamName=" + name, ada)) {
                assertThat(put(name, ada).statusCode()).isEqualTo(204);
            }
        }
    }

    /** Otherwise a few requests that announce large bodies would keep all other clients from publishing. */
    @Test
    void refusesAPublisherWithoutAGrantBeforeReadingTheBody() throws Exception {
        HttpResponse<String> refused = publish("/sse", "no field at all", bearer("\"sub\":\"u\"", "[]", "[\"a\"]"));
        assertThat(refused.statusCode()).as("everyone may publish to open").isEqualTo(400);
        Grant nothing = new Grant(List.of(), List.of(), List.of());
        server.close();
        server = HubServer.start(settings.build(), hub, new AnonymousAuthorizer(nothing), new Meters());
        assertThat(publish("/sse", "no field at all").body()).isEqualTo("it takes a token to publish anything; "
                + "sse-hub.publish.anonymous-topics sets what is open without a token\n");
    }

    /** Two tokens of one subject are counted separately. */
    @Test
    void limitsTheRateOfEachToken() throws Exception {
        settings.publishesPerToken = 1;
        restart(secret(SECRET));
        String one = bearer("\"sub\":\"ada\"", "[\"a\"]", "[]");

        HttpResponse<String> refused = untilNot(200, () -> publish("/sse", "topic=a", one));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).isEqualTo("with a token, 1 events may be published per second\n");
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(get("/observe/metrics").body()).contains("{limit=\"publishes-per-token\"} 1.0\n");
        String other = bearer("\"sub\":\"ada\",\"jti\":\"2\"", "[\"a\"]", "[]");
        assertThat(publish("/sse", "topic=a", other).statusCode()).isEqualTo(200);
        assertThat(untilNot(204, () -> forget("a", other)).statusCode()).isEqualTo(429);
        await().atMost(Duration.ofSeconds(10)).until(() -> publish("/sse", "topic=a", one).statusCode() == 200);
    }

    /** Otherwise a client could try tokens, or make the hub fetch keys, without a limit. */
    @Test
    void countsRefusedTokensForTheClientAddress() throws Exception {
        settings.publishesPerAddress = 1;
        restart(secret(SECRET));

        HttpResponse<String> refused = untilNot(401, () -> publish("/sse", "topic=a", "Authorization: Bearer x.y.z"));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(publish("/sse", "topic=a", bearer("\"sub\":\"u\"", "[\"a\"]", "[]")).statusCode())
                .as("with a valid one").isEqualTo(200);
    }

    private HttpResponse<String> untilNot(int status, Callable<HttpResponse<String>> request) throws Exception {
        HttpResponse<String> response = request.call();
        for (int i = 0; i < 100 && response.statusCode() == status; i++) {
            response = request.call();
        }
        return response;
    }

    /** The token may be valid, so the answer must not blame the client. */
    @Test
    void answers503WhileTheKeysAreUnavailable() throws Exception {
        restart(new KeySettings(Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of("http://localhost:" + TestPort.free() + "/keys")));

        HttpResponse<String> refused = get("/sse?topic=a", bearer("\"sub\":\"u\"", "[]", "[\"a\"]"));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).isEqualTo("the keys to check tokens with cannot be fetched at this moment\n");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        HttpResponse<String> browser = get("/sse?topic=a", bearer("\"sub\":\"u\"", "[]", "[\"a\"]"), "Accept: text/event-stream");
        assertThat(browser.statusCode()).isEqualTo(200);
        assertThat(browser.body()).as("so that an EventSource comes back").startsWith("event: overload\nretry: ");
    }

    @Test
    void explainsAPlusThatWasLostInTheQuery() throws Exception {
        assertThat(get("/sse?topic=/a/{+rest}".replace("{", "%7B").replace("}", "%7D")).body()).contains("must be written %2B");
    }

    /** Another program on another port of this host may have set the cookie, which is no reason to refuse the request. */
    @Test
    void ignoresCookiesWithoutKeys() throws Exception {
        try (Hub other = TestHub.create(); HubServer open = TestHub.serve(other, settings)) {
            assertOpens(open, "/sse?topic=a", "Cookie: mercureAuthorization=x.y.z");
            HttpResponse<String> refused = client.send(
                    request(open.port(), "/sse?topic=a", "Authorization: Bearer x.y.z").build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).startsWith("this hub accepts no tokens");
        }
    }

    private static void assertOpens(HubServer server, String target, String... headers) throws IOException {
        try (SseClient stream = new SseClient(server.port(), target, headers)) {
            assertThat(stream.headers()).as(target).startsWith("HTTP/1.1 200 ");
        }
    }

    private static String expiresIn(int seconds) {
        return "\"exp\":" + (Instant.now().getEpochSecond() + seconds);
    }

    private static String bearer(String claim, String publish, String subscribe) throws Exception {
        return "Authorization: Bearer " + token(SECRET, claims(claim, publish, subscribe));
    }

    private static String claims(String claim, String publish, String subscribe) {
        return "{" + claim + ",\"mercure\":{\"publish\":" + publish + ",\"subscribe\":" + subscribe + "}}";
    }

    private static String token(String secret, String claims) throws Exception {
        return token("HS256", "HmacSHA256", secret, claims);
    }

    private static String token(String algorithm, String mac, String secret, String claims) throws Exception {
        String signed = encode("{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\"}") + "." + encode(claims);
        Mac signer = Mac.getInstance(mac);
        signer.init(new SecretKeySpec(secret.getBytes(UTF_8), mac));
        return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signer.doFinal(signed.getBytes(UTF_8)));
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
    }

    private HttpResponse<String> get(String target, String... headers) throws Exception {
        // a request that was wrongly accepted opens a stream, which has no end
        return client.sendAsync(request(server.port(), target, headers).build(), HttpResponse.BodyHandlers.ofString())
                .get(10, TimeUnit.SECONDS);
    }

    private HttpResponse<String> put(String name, String... headers) throws Exception {
        return client.send(
                request(server.port(), "/sse?streamName=" + name, headers).PUT(HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> forget(String topic, String... headers) throws Exception {
        return client.send(request(server.port(), "/sse?topic=" + topic, headers).DELETE().build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> publish(String target, String form, String... headers) throws Exception {
        return client.send(request(server.port(), target, headers).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(int port, String target, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + target))
                .timeout(Duration.ofSeconds(10));
        for (String header : headers) {
            request.header(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        }
        return request;
    }
}
