package dev.ssehub.operate;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may operate a hub, and who may not. */
class OperatorsTest {
    private static final String SECRET = "a secret of the operator, long enough";
    private static final Map<String, String> TOKENS = Map.of("OPERATOR", token(SECRET, true), "OTHER", token(SECRET, false),
            "FORGED", token("the secret of a stranger, long enough", true));

    private final Hub hub = TestHub.create();
    private HubServer server;

    private static String token(String secret, boolean operate) {
        return new TokenIssuer(OperateTest.tokens(secret), InstantSource.system())
                .issue(new Grant(List.of(), List.of(), List.of(), operate), Duration.ofHours(1), Optional.empty());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    private String answer(boolean loopback, String method, String host, String headers) throws IOException {
        TestSettings settings = new TestSettings();
        settings.operatesOnLoopback = loopback;
        server = HubServer.start(settings.build(), hub, JwtAuthorizer.create(OperateTest.tokens(SECRET),
                new Grant(List.of(), List.of(new TopicSelector.Any()), List.of()), InstantSource.system()), new Meters());
        try (Socket socket = new Socket("localhost", server.port())) {
            String sent = headers.replace("PORT", "" + server.port());
            String lines = Stream.of(sent.split(";")).map(String::strip).filter(line -> !line.isEmpty())
                    .map(line -> TOKENS.entrySet().stream().reduce(line,
                            (text, token) -> text.replace(token.getKey(), token.getValue()),
                            (one, _) -> one) + "\r\n")
                    .collect(Collectors.joining());
            socket.getOutputStream().write((method + " /observe/streams?subject=nobody HTTP/1.1\r\nHost: "
                    + host.replace("PORT", "" + server.port()) + "\r\nConnection: close\r\n" + lines + "\r\n")
                    .getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"localhost:PORT | Authorization: Bearer OPERATOR",
            "hub.example.com | Authorization: Bearer OPERATOR; X-Forwarded-For: 10.0.0.1; Via: 1.1 proxy",
            "hub.example.com | Authorization: Bearer OPERATOR; Origin: https://hub.example.com",
            "hub.example.com | Authorization: Bearer OPERATOR; Origin: https://hub.example.com; Sec-Fetch-Site: same-origin"})
    void aTokenWithTheClaimMayOperate(String host, String headers) throws IOException {
        assertThat(answer(false, "DELETE", host, headers)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"localhost | ''", "LOCALHOST:PORT | ''",
            "127.0.0.1:PORT | Origin: http://127.0.0.1:PORT",
            "[::1] | Sec-Fetch-Site: same-origin", "localhost | Sec-Fetch-Site: none", "localhost | Authorization: Basic eDp5",
            "hub.localhost | Authorization: Bearer OTHER"})
    void aProgramOnThisMachineMayOperateIfConfigured(String host, String headers) throws IOException {
        assertThat(answer(true, "DELETE", host, headers)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "false | localhost | '' | 401 | sse-hub.operate.loopback is false",
            "false | localhost | Authorization: Bearer OTHER | 403 | does not have the claim sse-hub.operate: true",
            "false | localhost | Authorization: Bearer FORGED | 401 | the signature of the token is not valid",
            "true | localhost | Authorization: Bearer FORGED | 401 | the signature of the token is not valid",
            "true | localhost | Authorization: Bearer | 401 | has no token after Bearer",
            "false | localhost | Cookie: mercureAuthorization=OPERATOR | 401 | it takes a token",
            "true | localhost | X-Forwarded-For: 127.0.0.1 | 401 | its header x-forwarded-for says",
            "true | localhost | X-Forwarded-Proto: https | 401 | its header x-forwarded-proto says",
            "true | localhost | Forwarded: for=127.0.0.1 | 401 | its header forwarded says",
            "true | localhost | Via: 1.1 proxy | 401 | its header via says",
            "true | localhost | X-Real-IP: 127.0.0.1 | 401 | its header x-real-ip says",
            "true | localhost | X-Forwarded: for=127.0.0.1 | 401 | its header x-forwarded says",
            "true | localhost | X-Original-Forwarded-For: 10.0.0.1 | 401 | its header x-original-forwarded-for says",
            "true | localhost | X_Forwarded_For: 10.0.0.1 | 401 | its header x_forwarded_for says",
            "true | localhost | True-Client-IP: 10.0.0.1 | 401 | its header true-client-ip says",
            "true | localhost | X-Cluster-Client-IP: 10.0.0.1 | 401 | its header x-cluster-client-ip says",
            "true | hub.example.com | '' | 401 | not as hub.example.com",
            "true | localhost.example.com | '' | 401 | not as localhost.example.com",
            "true | localhost | Origin: https://example.com | 403 | not a page of https://example.com",
            "true | localhost | Origin: null | 403 | not a page of null",
            "true | localhost | Sec-Fetch-Site: cross-site | 403 | not a page of another site",
            "true | localhost | Sec-Fetch-Site: same-site | 403 | not a page of another site",
            "false | localhost | Authorization: Bearer OPERATOR; Origin: https://example.com | 403 | not a page of https://example.com",
            "false | localhost | Authorization: Bearer OPERATOR; Sec-Fetch-Site: cross-site | 403 | not a page of another site"})
    void othersMayNot(boolean loopback, String host, String headers, int status, String sentence) throws IOException {
        assertThat(answer(loopback, "DELETE", host, headers)).startsWith("HTTP/1.1 " + status + " ").contains(sentence);
    }

    @ParameterizedTest
    @CsvSource({"GET", "HEAD", "DELETE"})
    void everyMethodNeedsAnOperator(String method) throws IOException {
        assertThat(answer(false, method, "localhost", "")).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate: Bearer");
    }
}
