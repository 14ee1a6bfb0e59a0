package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.toUnmodifiableSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.auth.TokenSettings;
import dev.ssehub.cluster.Scope;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.DrainSettings;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.logging.LogFormat;
import dev.ssehub.logging.LoggingSettings;
import dev.ssehub.server.ServerSettings;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.TracingSettings;
import java.lang.System.Logger.Level;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class HubConfigTest {
    private static final Map<String, String> NONE = Map.of();
    private static final Set<String> KEYS = ConfigLayers.merge(null, NONE, NONE).keySet();

    /** The keys whose value may be empty, which is their default. */
    private static final Set<String> OPTIONAL = KEYS.stream()
            .filter(key -> key.matches(
                    "server\\.tls\\..*|server\\.allowed-hosts|logging\\.levels|otlp\\.endpoint|sse-hub\\.auth\\.(?!clock-skew|token-in-query).*"
                            + "|sse-hub\\.feeds\\.(log\\.file|relay)|sse-hub\\.history\\.(file|topics)|sse-hub\\.cors\\.allowed-origins|sse-hub\\.limits\\.trusted-proxies"
                            + "|sse-hub\\.observe\\..*|sse-hub\\.transport\\.redis\\.(uri|password-file|sentinel-.*|trust|certificate|private-key)"))
            .collect(toUnmodifiableSet());

    @TempDir
    private Path folder;

    @Test
    void usesTheDefaultsOfTheDocumentedFileWithoutAFile() {
        HubConfig builtIn = HubConfig.load(null, NONE, NONE);

        assertSameSettings(builtIn, HubConfig.load(Path.of("config/application.yaml"), NONE, NONE));
        assertThat(builtIn.server().host()).isEqualTo("0.0.0.0");
        assertThat(builtIn.server().port()).isEqualTo(8080);
        assertThat(builtIn.server().endpoint().path()).isEqualTo("/sse");
        assertThat(builtIn.server().endpoint().defaultTopics()).containsExactly(TopicSelector.parse("time"));
        assertThat(builtIn.feeds()).isEqualTo(new HubConfig.Feeds(
                new HubConfig.FeedSettings(true, "time", Duration.ofSeconds(1), Scope.NODE),
                new HubConfig.FeedSettings(true, "system", Duration.ofSeconds(2), Scope.NODE),
                new HubConfig.FeedSettings(false, "log", Duration.ofMillis(250), Scope.NODE), Path.of(""),
                new HubConfig.FeedSettings(true, "answers", Duration.ofMillis(150), Scope.NODE), List.of()));
    }

    @Test
    void usesTheDefaultOfAKeyThatTheFileOmits() throws IOException {
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
        assertSameSettings(load(""), HubConfig.load(null, NONE, NONE));
    }

    @Test
    void acceptsEmptyListsAndTemplatesWithCommas() throws IOException {
        assertThat(HubConfig.load(null, NONE, NONE).anonymous().publish()).containsExactly(TopicSelector.parse("chat"));
        assertThat(load("sse-hub: {publish: {anonymous-topics: []}}").anonymous().publish()).isEmpty();
        assertThat(load("sse-hub: {publish: {anonymous-topics: ['/a{/b,c}', 'd,e', '*']}}").anonymous().publish())
                .containsExactly(TopicSelector.parse("/a{/b,c}"), TopicSelector.parse("d,e"), TopicSelector.parse("*"));
        assertThat(HubConfig.load(null, Map.of("SSE_HUB_PUBLISH_ANONYMOUS_TOPICS", "/a{/b,c}, d"), NONE).anonymous().publish())
                .containsExactly(TopicSelector.parse("/a{/b,c}"), TopicSelector.parse("d"));
    }

    @Test
    void acceptsAWordForAFlagAsOneOfSeveralTopics() throws IOException {
        assertThat(load("sse-hub: {publish: {anonymous-topics: [false, a]}}").anonymous().publish())
                .containsExactly(TopicSelector.parse("false"), TopicSelector.parse("a"));
        assertThat(load("sse-hub: {default-topics: none}").server().endpoint().defaultTopics())
                .containsExactly(TopicSelector.parse("none"));
    }

    @Test
    void grantsTheTopicsOfSubscriptionsOnlyIfConfigured() throws IOException {
        assertThat(HubConfig.load(null, NONE, NONE).anonymous().maySee("/.well-known/mercure/subscriptions")).isFalse();
        HubConfig open = load("sse-hub: {subscriptions: {enabled: true, anonymous: true}}");
        for (String topic : List.of("", "/chat", "/chat/urn%3Auuid%3A1", "/%2Fa%2F%7Bb%7D/x")) {
            assertThat(open.anonymous().maySee("/.well-known/mercure/subscriptions" + topic)).as(topic).isTrue();
        }
        assertThat(open.anonymous().maySee("chat")).isFalse();
    }

    @Test
    void prefersPropertiesToVariablesAndVariablesToTheFile() throws IOException {
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

    /** A limit that is read from the wrong key would have no effect, and nobody would notice. */
    @Test
    void readsEachValueFromItsOwnKey() throws IOException {
        HubConfig config = load(
                """
                        server: {tls: {certificate: /certificate, private-key: /private-key}}
                        logging: {format: json, access: true, levels: {dev.ssehub: info, dev.ssehub.keys: DEBUG}}
                        otlp: {endpoint: 'https://collector:27/otlp', service-name: chat, sample-percent: 28}
                        sse-hub:
                          heartbeat-interval: PT1S
                          retry: PT2S
                          write-timeout: PT3S
                          mailbox: {max-events: 4, max-bytes: 5}
                          drain: {delay: PT24S, timeout: PT6S, retry-spread: PT25S}
                          observe: {host: 127.0.0.1, port: 26, address-file: /address}
                          page: {enabled: false}
                          history: {max-events: 7, max-age: PT8S, max-bytes: 9}
                          publish: {max-size: 10, max-pending-size: 11, max-rate-per-token: 12, rate-scope: cluster,
                            max-rate-per-address: 13, max-retry: PT21S,
                            idle-timeout: PT24S}
                          feeds: {system: {scope: cluster}}
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
                        Duration.ofSeconds(20), 2100, 22, 14, 10, 11, 12, Scope.CLUSTER, 13, Duration.ofSeconds(24),
                        Duration.ofSeconds(21),
                        Duration.ofSeconds(23)));
        assertThat(config.tokens()).hasValue(new TokenSettings(
                new KeySettings(Optional.of("HS384"), Optional.of("secret"), Optional.empty(), Optional.empty()),
                new KeySettings(Optional.of("RS512"), Optional.empty(), Optional.of(Path.of("/subscriber")), Optional.empty()),
                Optional.of("i"), Optional.of("a"), Duration.ofSeconds(15)));
        assertThat(config.hub()).isEqualTo(new HubSettings(Duration.ofSeconds(1), Duration.ofSeconds(3),
                new Mailbox.Limits(4, 5), new Limits(7, Duration.ofSeconds(8), 9)));
        assertThat(config.server().endpoint().retry()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.server().writeTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.server().endpoint().tokenInQuery()).isTrue();
        assertThat(config.server().endpoint().allowedOrigins()).containsExactly("https://example.com");
        assertThat(config.server().tls())
                .hasValue(new TlsFiles(Path.of("/certificate"), Path.of("/private-key")));
        assertThat(config.logging()).isEqualTo(
                new LoggingSettings(LogFormat.JSON, true, Map.of("dev.ssehub", Level.INFO, "dev.ssehub.keys", Level.DEBUG)));
        assertThat(config.anonymous().subscribe()).isEmpty();
        assertThat(config.drain())
                .isEqualTo(new DrainSettings(Duration.ofSeconds(24), Duration.ofSeconds(6), Duration.ofSeconds(25)));
        assertThat(config.server().observe()).hasValue(new ServerSettings.Observe("127.0.0.1", 26));
        assertThat(config.addressFile()).hasValue(Path.of("/address"));
        assertThat(config.server().page()).isFalse();
        assertThat(Stream.of(config.feeds().time(), config.feeds().system(), config.feeds().log())
                .map(HubConfig.FeedSettings::scope)).containsExactly(Scope.NODE, Scope.CLUSTER, Scope.NODE);
        assertThat(config.tracing()).hasValue(new TracingSettings(URI.create("https://collector:27/otlp"), "chat", 28));
    }

    @Test
    void readsTheLevelsOfLoggersFromEverySource() throws IOException {
        Map<String, Level> levels = Map.of("root", Level.WARNING, "a.B$C", Level.OFF);
        assertThat(load("logging: {levels: {root: warning, 'a.B$C': off}}").logging().levels()).isEqualTo(levels);
        assertThat(load("logging.levels:\n  root: warning\n  a.B$C: off").logging().levels()).isEqualTo(levels);
        assertThat(HubConfig.load(null, Map.of("LOGGING_LEVELS", "root=warning, a.B$C=off"), NONE).logging().levels())
                .isEqualTo(levels);
        assertThat(HubConfig.load(null, NONE, Map.of("logging.levels", "root=warning,a.B$C=off")).logging().levels())
                .isEqualTo(levels);
        assertThat(HubConfig.load(write("logging.levels: {a: info}"), Map.of("LOGGING_LEVELS", ""), NONE).logging().levels())
                .isEmpty();
    }

    /** Without a separate key, the tokens of subscribers are checked with the key for publishers. */
    @ParameterizedTest
    @ValueSource(strings = {"key", "key-file", "jwks"})
    void readsATokenKeyFromAnyOfThreePlaces(String place) throws IOException {
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
            "sse-hub.heartbeat-interval|15 s|a duration from 100ms to 1d, such as 500ms, 15s, 2m, 1h, 1d, or ISO-8601 (PT15S)",
            "sse-hub.heartbeat-interval|PT0S|from 100ms", "sse-hub.retry|-PT1S|a duration from 0s",
            "sse-hub.retry|2000|a duration from 0s to 1d", "sse-hub.write-timeout|PT25H|from 1s to 1d",
            "sse-hub.mailbox.max-events|0|a whole number from 1", "sse-hub.mailbox.max-bytes|0|a whole number of bytes from 1",
            "sse-hub.publish.anonymous-topics|a,,b|a list of topics: empty for none, * for all",
            "sse-hub.publish.anonymous-topics|false|a list of topics: empty for none, * for all",
            "sse-hub.publish.anonymous-topics|True|a list of topics: empty for none, * for all",
            "sse-hub.default-topics|true|one topic or more, or * for all",
            "sse-hub.default-topics|false|one topic or more, or * for all",
            "sse-hub.publish.max-size|1MB|a whole number of bytes from 1 to 1073741824, or a size such as 64KiB, 1MiB or 1GiB",
            "sse-hub.publish.max-pending-size|1000|a whole number of bytes from 1048576",
            "sse-hub.subscribe.anonymous|a,,b|true, false, or topics", "sse-hub.subscribe.anonymous|True|true, false, or topics",
            "sse-hub.subscribe.max-topics|501|a whole number from 1 to 500",
            "sse-hub.publish.max-rate-per-token|0|a whole number from 1",
            "sse-hub.auth.clock-skew|5|a duration from 0s to 1h",
            "sse-hub.auth.token-in-query|maybe|true or false",
            "server.allowed-hosts|hub.example.com:8080|names such as hub.example.com or *.example.com, in lower case, without a scheme, a port or a path",
            "server.allowed-hosts|Hub.example.com|names",
            "server.allowed-hosts|https://hub.example.com|names",
            "server.allowed-hosts|*|names",
            "sse-hub.cors.allowed-origins|https://example.com/|origins such as https://example.com",
            "sse-hub.cors.allowed-origins|https://Example.com|origins",
            "sse-hub.cors.allowed-origins|*,https://a.example|* alone",
            "sse-hub.cors.allowed-origins|https://*.example.com|origins",
            "sse-hub.limits.trusted-proxies|localhost|addresses such as 127.0.0.1 and ::1, or ranges",
            "sse-hub.limits.trusted-proxies|10.0.0.0/33|ranges", "sse-hub.limits.trusted-proxies|10.0.0.1/8|ranges",
            "sse-hub.limits.max-connections|-1|a whole number from 0", "sse-hub.limits.max-connections-per-address|0|from 1",
            "sse-hub.limits.request-timeout|PT0.5S|from 1s", "sse-hub.limits.idle-timeout|60|a duration from 1s",
            "sse-hub.limits.max-header-size|1023|from 1024", "sse-hub.limits.max-name-length|1025|from 1 to 1024",
            "sse-hub.limits.overload-retry|PT0S|from 100ms", "sse-hub.subscriptions.enabled|on|true or false",
            "sse-hub.subscriptions.anonymous|1|true or false",
            "sse-hub.history.max-events|-1|a whole number from 0", "sse-hub.history.max-age|P400D|to 365d",
            "sse-hub.history.max-bytes|16 MiB|a whole number of bytes from 0", "sse-hub.drain.timeout|PT2M|to 1m",
            "sse-hub.drain.delay|6m|to 5m", "sse-hub.drain.retry-spread|2h|to 1h", "sse-hub.observe.port|65536|from 0 to 65535",
            "sse-hub.page.enabled|on|true or false", "sse-hub.operate.loopback|yes|true or false",
            "sse-hub.feeds.time.enabled|yes|true or false", "sse-hub.feeds.time.topic|*|the name of a topic, not *",
            "sse-hub.feeds.time.interval|PT0S|a duration from 10ms to 1d",
            "sse-hub.feeds.system.enabled|1|true or false", "sse-hub.feeds.system.topic|{a}|the name of a topic, not *",
            "sse-hub.publish.anonymous-topics|'''*'''|a list of topics", "sse-hub.default-topics|\"chat\"|topic",
            "sse-hub.feeds.system.topic|/.well-known/mercure/x|nor one of the hub's own, at or below /.well-known/mercure",
            "sse-hub.feeds.system.interval|PT0.09S|a duration from 100ms to 1d",
            "sse-hub.feeds.log.interval|P2D|a duration from 10ms to 1d", "logging.format|xml|text or json",
            "logging.access|on|true or false",
            "logging.levels|debug|a level (trace, debug, info, warning, error, off) for each logger",
            "otlp.endpoint|localhost:4318|a URL such as http://localhost:4318, without a user, a query or a fragment",
            "otlp.endpoint|ftp://collector:4318|a URL",
            "otlp.endpoint|http:///v1/traces|a URL", "otlp.endpoint|http://collector:65536|a URL",
            "otlp.endpoint|https://collector/?key=secret|a URL", "otlp.sample-percent|101|a whole number from 0 to 100",
            "logging.levels|a=fine|a level", "logging.levels|a=info,a=debug|a level", "logging.levels|a b=info|a level"})
    void namesKeySourceAndAllowedValuesOfAWrongValue(String key, String value, String allowed) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, value)))
                .withMessageStartingWith(key + " is '" + value + "' (in the system properties); it must be ")
                .withMessageContaining(allowed);
        String variable = KnownKeys.variable(key);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, Map.of(variable, value), NONE))
                .withMessageContaining("(in the environment variable " + variable + ")");
    }

    @ParameterizedTest
    @CsvSource({"15s, PT15S", "500ms, PT0.5S", "2m, PT2M", "1h, PT1H", "1d, PT24H"})
    void acceptsShortDurations(String written, Duration duration) throws IOException {
        String key = "sse-hub.heartbeat-interval";
        assertThat(HubConfig.load(null, NONE, Map.of(key, written)).hub().heartbeatInterval()).isEqualTo(duration);
        assertThat(HubConfig.load(null, NONE, Map.of(key, duration.toString())).hub().heartbeatInterval()).isEqualTo(duration);
        assertThat(HubConfig.load(null, Map.of(KnownKeys.variable(key), written), NONE).hub().heartbeatInterval())
                .isEqualTo(duration);
        assertThat(load(key + ": " + written).hub().heartbeatInterval()).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "2d", "15", "15 s", "s", "PT25H", "99999999999999999999s", "15S", "1.5s", "-1s", "15sec"})
    void refusesOtherDurations(String written) {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.heartbeat-interval", written)))
                .withMessage(
                        "sse-hub.heartbeat-interval is '" + written + "' (in the system properties); it must be a duration from "
                                + "100ms to 1d, such as 500ms, 15s, 2m, 1h, 1d, or ISO-8601 (PT15S)");
    }

    @ParameterizedTest
    @CsvSource({"64KiB, 65536", "1MiB, 1048576", "1GiB, 1073741824", "4711, 4711", "0, 0", "1024GiB, 1099511627776"})
    void acceptsSizesWithUnits(String written, long bytes) throws IOException {
        String key = "sse-hub.history.max-bytes";
        assertThat(HubConfig.load(null, NONE, Map.of(key, written)).hub().history().maxBytes()).isEqualTo(bytes);
        assertThat(HubConfig.load(null, Map.of(KnownKeys.variable(key), written), NONE).hub().history().maxBytes())
                .isEqualTo(bytes);
        assertThat(load(key + ": " + written).hub().history().maxBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1025GiB", "999999999999999999GiB", "99999999999999999999", "-1", "1mib", "1 MiB", "1M", "1KB", "MiB",
            "1.5MiB"})
    void refusesOtherSizes(String written) {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.history.max-bytes", written)))
                .withMessage(
                        "sse-hub.history.max-bytes is '" + written + "' (in the system properties); it must be a whole number of "
                                + "bytes from 0 to 1099511627776, or a size such as 64KiB, 1MiB or 1GiB");
    }

    @Test
    void acceptsUnitsForEverySize() throws IOException {
        HubConfig config = load("""
                sse-hub:
                  mailbox: {max-bytes: 2KiB}
                  publish: {max-size: 3KiB, max-pending-size: 4KiB}
                  limits: {max-header-size: 5KiB}
                """);
        assertThat(config.hub().mailbox().maxBytes()).isEqualTo(2048);
        assertThat(config.server().limits().maxPublishSize()).isEqualTo(3072);
        assertThat(config.server().limits().maxPendingSize()).isEqualTo(4096);
        assertThat(config.server().limits().maxHeaderSize()).isEqualTo(5120);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "publish: {anonymous-topics: []} | only the hub's own feeds can publish: NO KEY, and "
                    + "sse-hub.publish.anonymous-topics is empty; set one of these",
            "subscribe: {anonymous: false} | nobody can subscribe: NO KEY, and sse-hub.subscribe.anonymous is false; set one of these",
            "publish: {anonymous-topics: []}, subscribe: {anonymous: false} | nobody can subscribe or publish: NO KEY, and "
                    + "sse-hub.publish.anonymous-topics is empty, and sse-hub.subscribe.anonymous is false; set one of these",
            "auth: {audience: a} | sse-hub.auth.audience has no effect: NO KEY",
            "auth: {issuer: a, token-in-query: true} | "
                    + "sse-hub.auth.issuer and sse-hub.auth.token-in-query have no effect: NO KEY",
            "subscriptions: {anonymous: true} | "
                    + "sse-hub.subscriptions.anonymous has no effect: sse-hub.subscriptions.enabled is false",
            "observe: {host: 127.0.0.1} | sse-hub.observe.host has no effect: sse-hub.observe.port is empty",
            "feeds: {log: {scope: cluster}} | sse-hub.feeds.log.scope has no effect: sse-hub.transport.redis.uri is empty",
            "publish: {rate-scope: cluster} | sse-hub.publish.rate-scope has no effect: sse-hub.transport.redis.uri is empty",
            "cors: {allowed-origins: '*'} | sse-hub.cors.allowed-origins is *: every page that a user of this hub opens "
                    + "may use the hub as everyone may, but without cookies; to change that, name the origins of your pages",
            "cors: {allowed-origins: ['null']} | sse-hub.cors.allowed-origins has null, which is the origin of every local file "
                    + "and of every sandboxed frame: any of them may use this hub, with the cookies of its users; allow it for "
                    + "development only",
            "limits: {trusted-proxies: 0.0.0.0/0} | sse-hub.limits.trusted-proxies is 0.0.0.0/0, WHICH IS EVERY ADDRESS",
            "limits: {trusted-proxies: [10.0.0.1, '::/0']} | "
                    + "sse-hub.limits.trusted-proxies is 10.0.0.1,::/0, WHICH IS EVERY ADDRESS"})
    void warnsAboutSettingsThatAreProbablyNotIntended(String yaml, String doubt) throws IOException {
        String local = "server: {host: 127.0.0.1}\n";
        assertThat(load(local + "sse-hub: {" + yaml + "}").warnings()).containsExactly(doubt.replace("NO KEY",
                "there is no key for tokens (sse-hub.auth.key, sse-hub.auth.key-file or sse-hub.auth.jwks)")
                .replace("WHICH IS EVERY ADDRESS", "which is every address: each client can then choose its own address "
                        + "(X-Forwarded-For) and so evade the limits per address; name the addresses of your proxies"));
    }

    /** A password in a URL would be in the log and in each message. */
    @Test
    void refusesAUserInTheUrlOfTheCollectorWithoutShowingIt() {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("otlp.endpoint", "http://user:secret@collector:4318")))
                .withMessageStartingWith(
                        "otlp.endpoint is 'http://***@collector:4318' (in the system properties); it must be a URL");
    }

    @Test
    void warnsAboutThePortForGrpc() throws IOException {
        String local = "server: {host: 127.0.0.1}\n";
        assertThat(load(local + "otlp: {endpoint: 'http://localhost:4317'}").warnings())
                .containsExactly("otlp.endpoint has port 4317, "
                        + "where receivers usually expect gRPC; the hub speaks OTLP over HTTP, which is usually on port 4318");
        assertThat(load(local + "otlp: {endpoint: 'http://localhost:4318'}").warnings()).isEmpty();
    }

    /** A page of any site can use such a hub through a name that it points to the hub. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"server: {host: 0.0.0.0}|true", "server: {host: 192.0.2.1}|true",
            "server: {port: 1}|true",
            "server: {allowed-hosts: [hub.example.com, '*.example.org']}|false", "server: {host: 127.0.0.1}|false",
            "server: {host: localhost}|false", "server: {host: '::1'}|false",
            "sse-hub: {publish: {anonymous-topics: []}, subscribe: {anonymous: false}, auth: {key: SECRET}}|false",
            "sse-hub: {subscribe: {anonymous: false}, auth: {key: SECRET}}|true",
            "sse-hub: {publish: {anonymous-topics: []}, auth: {key: SECRET}}|true"})
    void warnsIfAnyHostNameIsAllowedWhereSomethingIsOpen(String yaml, boolean warns) throws IOException {
        List<String> warnings = load(yaml.replace("SECRET", "x".repeat(32))).warnings();
        assertThat(warnings).hasSize(warns ? 1 : 0)
                .allMatch(
                        warning -> warning
                                .startsWith("server.allowed-hosts is empty: the owner of any site can point a name to "));
    }

    @Test
    void doesNotWarnAboutReasonableSettings() throws IOException {
        assertThat(load("server: {allowed-hosts: [hub.example.com]}").warnings()).isEmpty();
        assertThat(load("""
                sse-hub:
                  auth: {key: hidden, issuer: i, audience: a, token-in-query: true}
                  publish: {anonymous-topics: []}
                  subscribe: {anonymous: false}
                  subscriptions: {enabled: true, anonymous: true}
                  cors: {allowed-origins: ['https://example.com']}
                  limits: {trusted-proxies: [10.0.0.0/8, '::1']}
                """).warnings()).isEmpty();
    }

    @Test
    void requiresAFileForTheLogFeed() throws IOException {
        assertThat(load("sse-hub: {feeds: {log: {enabled: true, file: '/var/log/a,b'}}}").feeds().logFile())
                .isEqualTo(Path.of("/var/log/a,b"));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.feeds.log.enabled", "true")))
                .withMessage(
                        "sse-hub.feeds.log.file is '' (in the defaults); it must be the path of a file; a feed that is enabled needs one");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.feeds.log.file", "a\0b")))
                .withMessageEndingWith("it must be the path of a file; a feed that is enabled needs one");
    }

    @ParameterizedTest
    @CsvSource({"SSE_HUB_HEARTBEET, SSE_HUB_HEARTBEAT_INTERVAL", "SSE_HUB_MAX_CONNECTIONS, SSE_HUB_LIMITS_MAX_CONNECTIONS",
            "SSE_HUB_AUTH_KEYS, SSE_HUB_AUTH_KEY", "SSE_HUB_HOST, SERVER_HOST", "SSE_HUB_DEBUG, ", "SSE_HUB_X, ",
            "SERVER_PROT, SERVER_PORT", "SERVER_CERTIFICATE, SERVER_TLS_CERTIFICATE"})
    void suggestsTheNearestVariable(String name, @Nullable String nearest) {
        assertThat(warnings(ConfigLayers.class, () -> HubConfig.load(null, Map.of(name, "x"), NONE))).containsExactly(
                "the environment variable " + name + " sets nothing" + (nearest == null ? "" : "; the nearest is " + nearest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SERVER_NAME", "SERVER_SOFTWARE", "SERVER_PROTOCOL", "SERVER_ADDR", "SERVER_ROOT", "SERVER_URL"})
    void ignoresVariablesOfOtherPrograms(String name) {
        assertThat(warnings(ConfigLayers.class, () -> HubConfig.load(null, Map.of(name, "x"), NONE))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat, news", "'chat,news'", "\"[chat, news]\""})
    void refusesTextInAFileThatMayBeMeantAsAList(String value) {
        for (String key : List.of("default-topics", "publish.anonymous-topics", "subscribe.anonymous", "cors.allowed-origins")) {
            assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load("sse-hub." + key + ": " + value))
                    .withMessageEndingWith("; in a file, a list is [a, b] without quotes, and one name with a comma is ['a, b']");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"sse-hub.default-topics|[chat]", "sse-hub.publish.anonymous-topics|[\"a\",\"b\"]",
            "sse-hub.publish.anonymous-topics|[]", "sse-hub.subscribe.anonymous|[a, b]", "sse-hub.limits.trusted-proxies|[::1]",
            "sse-hub.cors.allowed-origins|['https://a.example']"})
    void refusesBracketsAroundAListOutsideTheFile(String key, String value) throws IOException {
        String message = "; outside a file, a list has commas and no brackets, such as a,b, or is empty";
        String variable = KnownKeys.variable(key);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, value)))
                .withMessage(key + " is '" + value + "' (in the system properties)" + message);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, Map.of(variable, value), NONE))
                .withMessage(key + " is '" + value + "' (in the environment variable " + variable + ")" + message);
    }

    @Test
    void acceptsBracketsInTheNameOfATopic() throws IOException {
        assertThat(HubConfig.load(null, NONE, Map.of("sse-hub.feeds.time.topic", "[time]")).feeds().time().topic())
                .isEqualTo("[time]");
        assertThat(load("sse-hub: {default-topics: ['[chat]']}").server().endpoint().defaultTopics())
                .containsExactly(TopicSelector.parse("[chat]"));
    }

    /** If the variable for the key of tokens were misspelled, the hub would be open without a warning. */
    @Test
    void warnsAboutAVariableThatSetsNothing() {
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
                if (line.getLevel().equals(java.util.logging.Level.WARNING)) {
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
            "auth: {key: hidden, jwks: /x} | sse-hub.auth.jwks is set, and so is sse-hub.auth.key; only one of sse-hub.auth.key, "
                    + "sse-hub.auth.key-file and sse-hub.auth.jwks is allowed",
            "auth: {subscriber: {key: hidden, key-file: /x}} | sse-hub.auth.subscriber.key-file is set, and so is "
                    + "sse-hub.auth.subscriber.key; only one of sse-hub.auth.subscriber.key, sse-hub.auth.subscriber.key-file and "
                    + "sse-hub.auth.subscriber.jwks is allowed",
            "auth: {algorithm: RS256} | sse-hub.auth.algorithm is 'RS256', but there is no key for it: one of sse-hub.auth.key, "
                    + "sse-hub.auth.key-file and sse-hub.auth.jwks is needed",
            "auth: {subscriber: {key: hidden}} | sse-hub.auth.subscriber.key is set, but there is no key for the tokens of "
                    + "publishers: one of sse-hub.auth.key, sse-hub.auth.key-file and sse-hub.auth.jwks is needed"})
    void namesTokenKeysThatContradictEachOther(String auth, String message) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load("sse-hub: {" + auth + "}"))
                .withMessage(folder.resolve("hub.yaml") + ":1: " + message);
    }

    /** A process that was started without a locale reads its arguments and variables as ASCII and loses other characters. */
    @Test
    void refusesAValueWithLostCharacters() {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, Map.of("SSE_HUB_FEEDS_TIME_TOPIC", "\uFFFD\uFFFD"), Map.of()))
                .withMessage(
                        "sse-hub.feeds.time.topic (in the environment variable SSE_HUB_FEEDS_TIME_TOPIC) has characters that were "
                                + "lost on the way: '\uFFFD\uFFFD'; the locale must be one of UTF-8, such as LANG=C.UTF-8");
    }

    @Test
    void readsEveryKeyAndRefusesEmptyValues() {
        assertThat(KEYS).hasSizeGreaterThan(10);
        for (String key : KEYS) {
            if (key.equals("sse-hub.publish.anonymous-topics")) {
                assertThat(HubConfig.load(null, NONE, Map.of(key, " ")).anonymous().publish()).isEmpty();
                continue;
            }
            if (OPTIONAL.contains(key)) {
                assertSameSettings(HubConfig.load(null, NONE, Map.of(key, " ")), HubConfig.load(null, NONE, NONE));
                continue;
            }
            assertThatExceptionOfType(StartupException.class).as(key)
                    .isThrownBy(() -> HubConfig.load(null, NONE, Map.of(key, " ")))
                    .withMessageStartingWith(key + " is ' '");
        }
    }

    /** The table in configuration.md has every key with its environment variable and its default. */
    @Test
    void documentsEveryKeyWithItsVariableAndDefault() throws IOException {
        Map<String, String> table = new TreeMap<>();
        Matcher rows = Pattern.compile("^\\| `([a-z][a-z.-]+)` \\| `([A-Z_]+)` \\| (?:`([^`]*)`|empty) \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("src/site/markdown/configuration.md")));
        while (rows.find()) {
            assertThat(rows.group(2)).isEqualTo(KnownKeys.variable(rows.group(1)));
            table.put(rows.group(1), Objects.requireNonNullElse(rows.group(3), ""));
        }

        assertThat(table.keySet()).isEqualTo(KEYS);
        assertSameSettings(HubConfig.load(null, NONE, table), HubConfig.load(null, NONE, NONE));
    }

    /** The line above every key in the file is a comment. */
    @Test
    void explainsEveryKeyInTheDocumentedFile() throws IOException {
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

    /** Compares everything except where the values were set. */
    static void assertSameSettings(HubConfig actual, HubConfig expected) {
        assertThat(actual).usingRecursiveComparison().usingOverriddenEquals().ignoringFields("reader").isEqualTo(expected);
    }

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(write(yaml), NONE, NONE);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hub.yaml"), yaml);
    }
}
