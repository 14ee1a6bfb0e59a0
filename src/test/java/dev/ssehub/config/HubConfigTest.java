package dev.ssehub.config;

import static java.util.stream.Collectors.toUnmodifiableSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.ssehub.auth.TokenSettings;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.history.History;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.topic.TopicSelector;

public class HubConfigTest {

    private static final Map<String, String> NONE = Map.of();
    private static final SortedSet<String> KEYS = new ConfigReader(null, NONE, NONE).keys();

    /** Those that may be empty, which is their default. */
    private static final Set<String> OPTIONAL = KEYS.stream()
            .filter(key -> key.matches("server\\.tls\\..*|sse-hub\\.auth\\.(?!clock-skew|token-in-query).*"
                    + "|sse-hub\\.feeds\\.log\\.file|sse-hub\\.cors\\.allowed-origins|sse-hub\\.limits\\.trusted-proxies"))
            .collect(toUnmodifiableSet());

    @TempDir
    private Path folder;

    @Test
    void withoutAFileTheDefaultsAreThoseOfTheDocumentedOne() {
        HubConfig builtIn = HubConfig.load(null, NONE, NONE);

        assertThat(builtIn).isEqualTo(HubConfig.load(Path.of("config/application.yaml"), NONE, NONE));
        assertThat(builtIn.server().host()).isEqualTo("0.0.0.0");
        assertThat(builtIn.server().port()).isEqualTo(8080);
        assertThat(builtIn.server().endpoint().path()).isEqualTo("/sse");
        assertThat(builtIn.server().endpoint().defaultTopics()).containsExactly(TopicSelector.parse("time"));
        assertThat(builtIn.feeds()).isEqualTo(new HubConfig.Feeds(
                new HubConfig.FeedSettings(true, "time", Duration.ofSeconds(1)),
                new HubConfig.FeedSettings(true, "system", Duration.ofSeconds(2)),
                new HubConfig.FeedSettings(false, "log", Duration.ofMillis(250)), Path.of("")));
    }

    @Test
    void whatAFileLeavesOutHasItsDefault() throws IOException {
        HubConfig config = load("""
                server:
                  port: 9090
                sse-hub:
                  default-topics: [a, 'b c']
                  feeds:
                    # nothing yet
                  history:
                    max-bytes: 5000000000
                """);

        assertThat(config.server().port()).isEqualTo(9090);
        assertThat(config.server().endpoint().defaultTopics()).containsExactly(TopicSelector.parse("a"),
                TopicSelector.parse("b c"));
        assertThat(config.hub().history().maxBytes()).isEqualTo(5_000_000_000L);
        assertThat(config.hub().history().maxEvents()).isEqualTo(10_000);
        assertThat(load("")).isEqualTo(HubConfig.load(null, NONE, NONE));
    }

    @Test
    void aListMayBeEmptyOrHaveTemplatesWithCommas() throws IOException {
        assertThat(HubConfig.load(null, NONE, NONE).anonymous().publish()).containsExactly(TopicSelector.parse("chat"));
        assertThat(load("sse-hub: {publish: {anonymous-topics: []}}").anonymous().publish()).isEmpty();
        assertThat(load("sse-hub: {publish: {anonymous-topics: ['/a{/b,c}', 'd,e', '*']}}").anonymous().publish())
                .containsExactly(TopicSelector.parse("/a{/b,c}"), TopicSelector.parse("d,e"), TopicSelector.parse("*"));
        assertThat(HubConfig.load(null, Map.of("SSE_HUB_PUBLISH_ANONYMOUS_TOPICS", "/a{/b,c}, d"), NONE).anonymous().publish())
                .containsExactly(TopicSelector.parse("/a{/b,c}"), TopicSelector.parse("d"));
    }

    @Test
    void whatIsAFlagElsewhereIsATopicAmongOthers() throws IOException {
        assertThat(load("sse-hub: {publish: {anonymous-topics: [false, a]}}").anonymous().publish())
                .containsExactly(TopicSelector.parse("false"), TopicSelector.parse("a"));
        assertThat(load("sse-hub: {default-topics: none}").server().endpoint().defaultTopics())
                .containsExactly(TopicSelector.parse("none"));
    }

    @Test
    void onlyWhoMaySeeTheSubscriptionsIsGrantedTheirTopics() throws IOException {
        assertThat(HubConfig.load(null, NONE, NONE).anonymous().maySee("/.well-known/mercure/subscriptions")).isFalse();
        HubConfig open = load("sse-hub: {subscriptions: {enabled: true, anonymous: true}}");
        for (String topic : List.of("", "/chat", "/chat/urn%3Auuid%3A1", "/%2Fa%2F%7Bb%7D/x")) {
            assertThat(open.anonymous().maySee("/.well-known/mercure/subscriptions" + topic)).as(topic).isTrue();
        }
        assertThat(open.anonymous().maySee("chat")).isFalse();
    }

    @Test
    void systemPropertyBeatsEnvironmentBeatsFile() throws IOException {
        Path file = write("""
                server: {port: 1, host: one}
                sse-hub: {retry: PT1S, default-topics: [one]}
                """);
        Map<String, String> environment = Map.of("SERVER_PORT", "2", "SSE_HUB_RETRY", "PT2S", "SSE_HUB_DEFAULT_TOPICS", "two, *",
                "SSE_HUB_SERVICE_HOST", "what an orchestrator sets for a service of this name");
        Map<String, String> properties = Map.of("server.port", "3", "java.version", "25");

        HubConfig config = HubConfig.load(file, environment, properties);

        assertThat(config.server().port()).isEqualTo(3);
        assertThat(config.server().endpoint().retry()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.server().endpoint().defaultTopics()).containsExactly(TopicSelector.parse("two"),
                TopicSelector.parse("*"));
        assertThat(config.server().host()).isEqualTo("one");
    }

    /** A limit under the wrong key would be none, and nobody would notice. */
    @Test
    void eachValueIsTheOneOfItsKey() throws IOException {
        HubConfig config = load("""
                server: {tls: {certificate: /certificate, private-key: /private-key}}
                sse-hub:
                  heartbeat-interval: PT1S
                  retry: PT2S
                  write-timeout: PT3S
                  mailbox-capacity: 4
                  mailbox-max-bytes: 5
                  drain-timeout: PT6S
                  history: {max-events: 7, max-age: PT8S, max-bytes: 9}
                  publish: {max-size: 10, max-pending-size: 11, max-rate-per-token: 12, max-rate-per-address: 13}
                  subscribe: {anonymous: false, max-topics: 14}
                  auth:
                    algorithm: HS384
                    key: secret
                    subscriber: {algorithm: RS512, key-file: /subscriber}
                    issuer: i
                    audience: a
                    clock-skew: PT15S
                    token-in-query: true
                  cors: {allowed-origins: ['https://example.com']}
                  limits:
                    max-connections: 16
                    max-connections-per-address: 17
                    trusted-proxies: [10.0.0.18]
                    request-timeout: PT19S
                    idle-timeout: PT20S
                    max-header-size: 2100
                    max-name-length: 22
                    overload-retry: PT23S
                """);

        assertThat(config.server().limits())
                .isEqualTo(new LimitSettings(16, 17, List.of(AddressRange.parse("10.0.0.18")), Duration.ofSeconds(19),
                        Duration.ofSeconds(20), 2100, 22, 14, 10, 11, 12, 13, Duration.ofSeconds(23)));
        assertThat(config.tokens()).hasValue(new TokenSettings(
                new KeySettings(Optional.of("HS384"), Optional.of("secret"), Optional.empty(), Optional.empty()),
                new KeySettings(Optional.of("RS512"), Optional.empty(), Optional.of(Path.of("/subscriber")), Optional.empty()),
                Optional.of("i"), Optional.of("a"), Duration.ofSeconds(15)));
        assertThat(config.hub()).isEqualTo(new HubSettings(Duration.ofSeconds(1), Duration.ofSeconds(3),
                new Mailbox.Limits(4, 5), new History.Limits(7, Duration.ofSeconds(8), 9)));
        assertThat(config.server().endpoint().retry()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.server().writeTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.server().endpoint().tokenInQuery()).isTrue();
        assertThat(config.server().endpoint().allowedOrigins()).containsExactly("https://example.com");
        assertThat(config.server().tls())
                .hasValue(new TlsFiles(Path.of("/certificate"), Path.of("/private-key")));
        assertThat(config.anonymous().subscribe()).isEmpty();
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(6));
    }

    /** Without a key of their own, subscribers have that of publishers. */
    @ParameterizedTest
    @ValueSource(strings = {"key", "key-file", "jwks"})
    void aKeyMayBeInThreePlaces(String place) throws IOException {
        KeySettings key = new KeySettings(Optional.empty(),
                Optional.of("/x").filter(_ -> place.equals("key")),
                Optional.of(Path.of("/x")).filter(_ -> place.equals("key-file")),
                Optional.of("/x").filter(_ -> place.equals("jwks")));
        assertThat(load("sse-hub: {auth: {" + place + ": /x}}").tokens())
                .hasValue(new TokenSettings(key, key, Optional.empty(), Optional.empty(), Duration.ofSeconds(5)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"server.port|65536|a whole number from 0 to 65535", "server.port|-1|a whole number",
            "server.port|http|a whole number", "server.port|80.5|a whole number",
            "server.port|99999999999999999999|a whole number",
            "sse-hub.path|sse|a path such as /sse", "sse-hub.path|/|a path", "sse-hub.path|/a/|a path",
            "sse-hub.path|/../a|a path", "sse-hub.path|/a/.|a path", "sse-hub.path|/a*|a path",
            "sse-hub.path|/static/x|not under /static or /observe or /.well-known", "sse-hub.path|/.well-known/mercure|not under",
            "sse-hub.path|/observe|not under /static or /observe or /.well-known",
            "sse-hub.default-topics|a,,b|one topic or more, or *",
            "sse-hub.default-topics|{a}{b}{c}{d}{e}{f}{g}{h}{i}{j},{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}|20 variables in all",
            "sse-hub.heartbeat-interval|15s|an ISO-8601 duration from PT0.1S to PT24H",
            "sse-hub.heartbeat-interval|PT0S|from PT0.1S", "sse-hub.retry|-PT1S|an ISO-8601 duration from PT0S",
            "sse-hub.retry|2000|an ISO-8601 duration", "sse-hub.write-timeout|PT25H|from PT1S to PT24H",
            "sse-hub.mailbox-capacity|0|a whole number from 1", "sse-hub.mailbox-max-bytes|0|a whole number from 1",
            "sse-hub.publish.anonymous-topics|a,,b|a list of topics: empty for none, * for all",
            "sse-hub.publish.anonymous-topics|false|a list of topics: empty for none, * for all",
            "sse-hub.publish.anonymous-topics|True|a list of topics: empty for none, * for all",
            "sse-hub.default-topics|true|one topic or more, or * for all",
            "sse-hub.default-topics|false|one topic or more, or * for all", "sse-hub.publish.max-size|1MB|a whole number from 1",
            "sse-hub.publish.max-pending-size|1000|a whole number from 1048576",
            "sse-hub.subscribe.anonymous|a,,b|true, false, or topics", "sse-hub.subscribe.anonymous|True|true, false, or topics",
            "sse-hub.subscribe.max-topics|501|a whole number from 1 to 500",
            "sse-hub.publish.max-rate-per-token|0|a whole number from 1",
            "sse-hub.auth.clock-skew|5|an ISO-8601 duration from PT0S to PT1H",
            "sse-hub.auth.token-in-query|maybe|true or false",
            "sse-hub.cors.allowed-origins|https://example.com/|origins such as https://example.com",
            "sse-hub.cors.allowed-origins|https://Example.com|origins",
            "sse-hub.cors.allowed-origins|*,https://a.example|* alone",
            "sse-hub.cors.allowed-origins|https://*.example.com|origins", "sse-hub.cors.allowed-origins|null|origins",
            "sse-hub.limits.trusted-proxies|localhost|addresses such as 127.0.0.1 and ::1, or ranges",
            "sse-hub.limits.trusted-proxies|10.0.0.0/33|ranges", "sse-hub.limits.trusted-proxies|10.0.0.1/8|ranges",
            "sse-hub.limits.max-connections|-1|a whole number from 0", "sse-hub.limits.max-connections-per-address|0|from 1",
            "sse-hub.limits.request-timeout|PT0.5S|from PT1S", "sse-hub.limits.idle-timeout|60|an ISO-8601 duration from PT1S",
            "sse-hub.limits.max-header-size|1023|from 1024", "sse-hub.limits.max-name-length|1025|from 1 to 1024",
            "sse-hub.limits.overload-retry|PT0S|from PT0.1S", "sse-hub.subscriptions.enabled|on|true or false",
            "sse-hub.subscriptions.anonymous|1|true or false",
            "sse-hub.history.max-events|-1|a whole number from 0", "sse-hub.history.max-age|P400D|to PT8760H",
            "sse-hub.history.max-bytes|16 MiB|a whole number", "sse-hub.drain-timeout|PT2M|to PT1M",
            "sse-hub.feeds.time.enabled|yes|true or false", "sse-hub.feeds.time.topic|*|the name of a topic, not *",
            "sse-hub.feeds.time.interval|PT0S|an ISO-8601 duration from PT0.01S to PT24H",
            "sse-hub.feeds.system.enabled|1|true or false", "sse-hub.feeds.system.topic|{a}|the name of a topic, not *",
            "sse-hub.feeds.system.topic|/.well-known/mercure/x|nor one of the hub's own below /.well-known/mercure/",
            "sse-hub.feeds.system.interval|PT0.09S|an ISO-8601 duration from PT0.1S to PT24H",
            "sse-hub.feeds.log.interval|P2D|an ISO-8601 duration from PT0.01S to PT24H"})
    void aBadValueIsNamedWithItsKeyItsSourceAndWhatIsAllowed(String key, String value, String allowed) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, value)))
                .withMessageStartingWith(key + " is '" + value + "' in the system properties; allowed is ")
                .withMessageContaining(allowed);
        String variable = ConfigLayers.variable(key);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, Map.of(variable, value), NONE))
                .withMessageContaining("in the environment variable " + variable);
    }

    @ParameterizedTest
    @CsvSource({"15s, PT15S", "500ms, PT0.5S", "2m, PT2M", "1h, PT1H", "1d, PT24H"})
    void aDurationThatIsWrittenAsOnTheCommandLineIsToldInIso(String written, String iso) {
        String key = "sse-hub.heartbeat-interval";
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, written)))
                .withMessage(
                        key + " is '" + written + "' in the system properties; allowed is an ISO-8601 duration from PT0.1S to "
                                + "PT24H; write " + iso);
        assertThat(HubConfig.load(null, NONE, Map.of(key, iso)).hub().heartbeatInterval()).isEqualTo(Duration.parse(iso));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "2d", "15", "15 s", "s", "PT25H", "99999999999999999999s"})
    void whatWouldNotBeAllowedEitherIsNotProposed(String written) {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.heartbeat-interval", written)))
                .withMessageEndingWith("allowed is an ISO-8601 duration from PT0.1S to PT24H");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "publish: {anonymous-topics: []} | nobody but the hub's own feeds can publish: NO KEY, and "
                    + "sse-hub.publish.anonymous-topics is empty; set one of these",
            "subscribe: {anonymous: false} | nobody can subscribe: NO KEY, and sse-hub.subscribe.anonymous is false; set one of these",
            "publish: {anonymous-topics: []}, subscribe: {anonymous: false} | nobody can subscribe or publish: NO KEY, and "
                    + "sse-hub.publish.anonymous-topics is empty, and sse-hub.subscribe.anonymous is false; set one of these",
            "auth: {audience: a} | sse-hub.auth.audience without effect: NO KEY",
            "auth: {issuer: a, token-in-query: true} | "
                    + "sse-hub.auth.issuer and sse-hub.auth.token-in-query without effect: NO KEY",
            "subscriptions: {anonymous: true} | "
                    + "sse-hub.subscriptions.anonymous without effect: sse-hub.subscriptions.enabled is false",
            "cors: {allowed-origins: '*'} | sse-hub.cors.allowed-origins is *: any page that somebody opens who reaches this hub "
                    + "may do there what everyone may, but use no cookie; name the origins of your pages to change that",
            "limits: {trusted-proxies: 0.0.0.0/0} | sse-hub.limits.trusted-proxies is 0.0.0.0/0, WHICH IS EVERYBODY",
            "limits: {trusted-proxies: [10.0.0.1, '::/0']} | "
                    + "sse-hub.limits.trusted-proxies is 10.0.0.1,::/0, WHICH IS EVERYBODY"})
    void whatIsHardlyMeantIsDoubted(String yaml, String doubt) throws IOException {
        assertThat(load("sse-hub: {" + yaml + "}").doubts()).containsExactly(doubt.replace("NO KEY",
                "there is no key for tokens (sse-hub.auth.key, sse-hub.auth.key-file or sse-hub.auth.jwks)")
                .replace("WHICH IS EVERYBODY", "which is everybody: every client may then choose its own address "
                        + "(X-Forwarded-For), and no limit for one address holds; name those of your proxies"));
    }

    @Test
    void whatMakesSenseIsNotDoubted() throws IOException {
        assertThat(load("").doubts()).isEmpty();
        assertThat(load("""
                sse-hub:
                  auth: {key: hidden, issuer: i, audience: a, token-in-query: true}
                  publish: {anonymous-topics: []}
                  subscribe: {anonymous: false}
                  subscriptions: {enabled: true, anonymous: true}
                  cors: {allowed-origins: ['https://example.com']}
                  limits: {trusted-proxies: [10.0.0.0/8, '::1']}
                """).doubts()).isEmpty();
    }

    @Test
    void theLogFeedNeedsAFile() throws IOException {
        assertThat(load("sse-hub: {feeds: {log: {enabled: true, file: '/var/log/a,b'}}}").feeds().logFile())
                .isEqualTo(Path.of("/var/log/a,b"));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.feeds.log.enabled", "true")))
                .withMessage(
                        "sse-hub.feeds.log.file is '' in the defaults; allowed is the path of a file; a feed that is enabled needs one");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.feeds.log.file", "a\0b")))
                .withMessageEndingWith("allowed is the path of a file; a feed that is enabled needs one");
    }

    @ParameterizedTest
    @CsvSource({"SSE_HUB_HEARTBEET, SSE_HUB_HEARTBEAT_INTERVAL", "SSE_HUB_MAX_CONNECTIONS, SSE_HUB_LIMITS_MAX_CONNECTIONS",
            "SSE_HUB_AUTH_KEYS, SSE_HUB_AUTH_KEY", "SSE_HUB_HOST, SERVER_HOST", "SSE_HUB_DEBUG, ", "SSE_HUB_X, ",
            "SERVER_PROT, SERVER_PORT", "SERVER_CERTIFICATE, SERVER_TLS_CERTIFICATE"})
    void whatAVariableMayHaveBeenMeantToBeIsTold(String name, @Nullable String nearest) {
        assertThat(warnings(ConfigLayers.class, () -> HubConfig.load(null, Map.of(name, "x"), NONE))).containsExactly(
                "the environment variable " + name + " sets nothing" + (nearest == null ? "" : "; the nearest is " + nearest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SERVER_NAME", "SERVER_SOFTWARE", "SERVER_PROTOCOL", "SERVER_ADDR", "SERVER_ROOT", "SERVER_URL"})
    void theVariablesOfOtherServersAreTheirs(String name) {
        assertThat(warnings(ConfigLayers.class, () -> HubConfig.load(null, Map.of(name, "x"), NONE))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"sse-hub.default-topics|[chat]", "sse-hub.publish.anonymous-topics|[\"a\",\"b\"]",
            "sse-hub.publish.anonymous-topics|[]", "sse-hub.subscribe.anonymous|[a, b]", "sse-hub.limits.trusted-proxies|[::1]",
            "sse-hub.cors.allowed-origins|['https://a.example']"})
    void aListInOneLineHasNoBrackets(String key, String value) throws IOException {
        String message = "; there, a list has commas and no brackets, such as a,b, or is empty";
        String variable = ConfigLayers.variable(key);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, value)))
                .withMessage(key + " is '" + value + "' in the system properties" + message);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, Map.of(variable, value), NONE))
                .withMessage(key + " is '" + value + "' in the environment variable " + variable + message);
    }

    @Test
    void whatIsNoListMayHaveBrackets() throws IOException {
        assertThat(HubConfig.load(null, NONE, Map.of("sse-hub.feeds.time.topic", "[time]")).feeds().time().topic())
                .isEqualTo("[time]");
        assertThat(load("sse-hub: {default-topics: ['[chat]']}").server().endpoint().defaultTopics())
                .containsExactly(TopicSelector.parse("[chat]"));
    }

    /** A hub whose key was never read would be open. */
    @Test
    void aVariableThatSetsNothingIsTold() {
        assertThat(warnings(ConfigLayers.class,
                () -> HubConfig.load(null,
                        Map.of("SSE_HUB_AUTH_KEYFILE", "/x", "SSE_HUB_CONFIG", "x.yaml", "SSE_HUB_SERVICE_HOST",
                                "x", "SSE_HUB_PORT", "tcp://x", "SSE_HUB_RETRY", "PT1S", "OTHER", "x"),
                        NONE)))
                .containsExactly(
                        "the environment variable SSE_HUB_AUTH_KEYFILE sets nothing; the nearest is SSE_HUB_AUTH_KEY_FILE");
    }

    private static List<String> warnings(Class<?> type, Runnable action) {
        List<String> told = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getLevel().equals(Level.WARNING)) {
                    told.add(line.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(type.getName());
        log.addHandler(handler);
        try {
            action.run();
        } finally {
            log.removeHandler(handler);
        }
        return told;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "auth: {key: hidden, jwks: /x} | more than one of sse-hub.auth.key, sse-hub.auth.key-file and sse-hub.auth.jwks is set; "
                    + "one is allowed",
            "auth: {subscriber: {key: hidden, key-file: /x}} | more than one of sse-hub.auth.subscriber.key, "
                    + "sse-hub.auth.subscriber.key-file and sse-hub.auth.subscriber.jwks is set; one is allowed",
            "auth: {algorithm: RS256} | sse-hub.auth.algorithm is 'RS256', but there is no key for it: one of sse-hub.auth.key, "
                    + "sse-hub.auth.key-file and sse-hub.auth.jwks is needed",
            "auth: {subscriber: {key: hidden}} | sse-hub.auth.subscriber.key is set, but there is no key for the tokens of "
                    + "publishers: one of sse-hub.auth.key, sse-hub.auth.key-file and sse-hub.auth.jwks is needed"})
    void keysThatDoNotGoTogetherAreNamed(String auth, String message) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load("sse-hub: {" + auth + "}")).withMessage(message);
    }

    /** As in a process that was started without a locale: its arguments and variables are ASCII, and what is not is lost. */
    @Test
    void whatWasLostOnTheWayIsNotTakenForAValue() {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, Map.of("SSE_HUB_FEEDS_TIME_TOPIC", "\uFFFD\uFFFD"), Map.of()))
                .withMessage(
                        "sse-hub.feeds.time.topic (in the environment variable SSE_HUB_FEEDS_TIME_TOPIC) has characters that were "
                                + "lost on the way: '\uFFFD\uFFFD'; the locale must be one of UTF-8, such as LANG=C.UTF-8");
    }

    /** No key is only for show. */
    @Test
    void everyKeyIsReadAndNoneMayBeEmpty() {
        assertThat(KEYS).hasSizeGreaterThan(10);
        for (String key : KEYS) {
            if (key.equals("sse-hub.publish.anonymous-topics")) {
                assertThat(HubConfig.load(null, NONE, Map.of(key, " ")).anonymous().publish()).isEmpty();
                continue;
            }
            if (OPTIONAL.contains(key)) {
                assertThat(HubConfig.load(null, NONE, Map.of(key, " "))).isEqualTo(HubConfig.load(null, NONE, NONE));
                continue;
            }
            assertThatExceptionOfType(StartupException.class).as(key)
                    .isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, " ")))
                    .withMessageStartingWith(key + " is ' '");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub: {retri: PT1S}|there is no key sse-hub.retri (in FILE); the nearest is sse-hub.retry",
            "sse_hub: {retry: PT1S}|there is no key sse_hub.retry (in FILE); the nearest is sse-hub.retry",
            "server: {prot: 80}|there is no key server.prot (in FILE); the nearest is server.port",
            "sse-hub: {feeds: {tima: {enabled: true}}}|the nearest is sse-hub.feeds.time.enabled",
            "sse-hub: {retry: {seconds: 1}}|there is no key sse-hub.retry.seconds",
            "sse-hub: {retry: [PT1S, PT2S]}|sse-hub.retry is 'PT1S,PT2S' in FILE; allowed is",
            "sse-hub: {retry: }|sse-hub.retry is '' in FILE; allowed is",
            "sse-hub: {default-topics: []}|sse-hub.default-topics is '' in FILE",
            "sse-hub: {publish: {anonymous-topics: false}}|sse-hub.publish.anonymous-topics is 'false' in FILE; allowed is a list of "
                    + "topics: empty for none, * for all",
            "sse-hub: {publish: {anonymous-topics: ['true']}}|allowed is a list of topics: empty for none, * for all",
            "sse-hub: {default-topics: [false]}|sse-hub.default-topics is 'false' in FILE; allowed is one topic or more, or * for all",
            "sse-hub: 5|sse-hub (in FILE) is a section of keys, not a value", "sse-hub: [|FILE is not valid YAML: while parsing",
            "- a|FILE is not valid YAML: its top level must be keys with values",
            "port: 80|there is no key port (in FILE); the nearest is server.port",
            "colour: red|there is no key colour (in FILE); the keys are: server.host, server.port, server.tls.certificate, ",
            "sse-hub~1retry: PT1S|there is no key sse-hub~1retry (in FILE)",
            "sse-hub: {~: PT1S}|FILE has the key 'sse-hub.null', which has no name",
            "sse-hub: {retry: PT1S, retry: PT2S}|FILE is not valid YAML: while constructing a mapping"})
    void aMistakeInTheFileIsNamed(String yaml, String message) throws IOException {
        Path file = write(yaml);

        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessageContaining(message.replace("FILE", file.toString())).extracting(Throwable::getMessage).asString()
                .doesNotContain("\n");
    }

    /** Helidon takes one of the two, and a hub that is meant to be closed might be open. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub.subscribe.anonymous: false;sse-hub: {subscribe: {anonymous: true}} | sse-hub.subscribe.anonymous",
            "sse-hub: {subscribe: {anonymous: true}};sse-hub.subscribe.anonymous: false | sse-hub.subscribe.anonymous",
            "sse-hub.subscribe: {anonymous: false};sse-hub: {subscribe.anonymous: true} | sse-hub.subscribe.anonymous",
            "sse-hub: {subscribe: {anonymous: false}, subscribe.anonymous: false} | sse-hub.subscribe.anonymous",
            "sse-hub.retry: ;sse-hub: {retry: PT1S} | sse-hub.retry",
            "sse-hub.default-topics: [a];sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics: [];sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics.0: a;sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics.0: a;sse-hub: {default-topics: b} | sse-hub.default-topics"})
    void aKeyThatIsGivenInTwoFormsIsRefused(String yaml, String key) throws IOException {
        Path file = write(yaml.replace(';', '\n'));
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage("the configuration file " + file + " gives " + key + " more than once");
    }

    /** Helidon takes some of them for sse-hub.retry, and fails at others. */
    @ParameterizedTest
    @ValueSource(strings = {"sse-hub..retry", ".sse-hub.retry", "sse-hub.retry.", ".", "''"})
    void aKeyHasNoEmptyPart(String key) throws IOException {
        Path file = write(key + ": PT1S");
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage("the configuration file " + file + " has the key '" + key.replace("'", "")
                        + "', which has no name before, after or between its dots");
    }

    @Test
    void theFormsOfDifferentKeysMayBeMixed() throws IOException {
        HubConfig config = load("""
                sse-hub.subscribe.anonymous: false
                sse-hub.feeds:
                  # nothing yet
                sse-hub:
                  subscribe.max-topics: 5
                  publish: &topics {anonymous-topics: [a]}
                  feeds.time: {enabled: false}
                """);
        assertThat(config.anonymous().subscribe()).isEmpty();
        assertThat(config.anonymous().publish()).containsExactly(TopicSelector.parse("a"));
        assertThat(config.feeds().time().enabled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"server: &s {host: *s}", "server: &s {host: {a: [*s]}}", "sse-hub: {default-topics: &s [*s]}",
            "server: &s {<<: *s, host: a}"})
    void whatContainsItselfIsRefused(String yaml) throws IOException {
        Path file = write(yaml);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage("the configuration file " + file + " is not valid YAML: what begins in line 1 contains itself");
    }

    @Test
    void aFileThatCannotBeReadIsSaid() {
        Path missing = folder.resolve("missing.yaml");
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(missing, NONE, NONE))
                .withMessage("the configuration file " + missing + " cannot be read: there is no such file");
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(folder, NONE, NONE))
                .withMessage("the configuration file " + folder + " cannot be read: it is a directory");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.nothing", "1")))
                .withMessageStartingWith("there is no key sse-hub.nothing (in the system properties)");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("server.prt", "1")))
                .withMessage("there is no key server.prt (in the system properties); the nearest is server.port");
    }

    /** The documented table is the code's: every key, its environment variable, its default. */
    @Test
    void theDocumentedTableIsComplete() throws IOException {
        Map<String, String> table = new TreeMap<>();
        Matcher rows = Pattern.compile("^\\| `([a-z][a-z.-]+)` \\| `([A-Z_]+)` \\| (?:`([^`]*)`|empty) \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("src/site/markdown/configuration.md")));
        while (rows.find()) {
            assertThat(rows.group(2)).isEqualTo(ConfigLayers.variable(rows.group(1)));
            table.put(rows.group(1), Objects.requireNonNullElse(rows.group(3), ""));
        }

        assertThat(table.keySet()).isEqualTo(KEYS);
        assertThat(HubConfig.load(null, NONE, table)).isEqualTo(HubConfig.load(null, NONE, NONE));
    }

    /** In the file, a line above every key says what it is for. */
    @Test
    void theFileSaysWhatEachKeyIsFor() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("config/application.yaml"));
        int keys = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches("\\s+[a-z-]+: .+")) {
                assertThat(lines.get(i - 1)).as("above: %s", lines.get(i)).matches("\\s+# .+");
                keys++;
            }
        }
        assertThat(keys).isEqualTo(KEYS.size());
    }

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(write(yaml), NONE, NONE);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hub.yaml"), yaml);
    }
}
