package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.cluster.Scope;
import dev.ssehub.relay.RelaySettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelayConfigTest {
    private static final Map<String, String> NONE = Map.of();
    private static final String KEY = "sse-hub.feeds.relay";
    private static final RelaySettings.Limits LIMITS = new RelaySettings.Limits(2048, 1024, 50);

    @TempDir
    private Path folder;

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(Files.writeString(folder.resolve("hub.yaml"), yaml), NONE, NONE);
    }

    @Test
    void readsRelays() throws IOException {
        List<RelaySettings> relays = load("""
                sse-hub:
                  publish: {max-size: 2KiB, max-rate-per-token: 50}
                  feeds:
                    relay:
                      - {url: "https://a.example:8443/events?channel=1", topic: a}
                      - url: http://b.example
                        topics: {price: prices, message: "other,s"}
                        headers: {X-Client: "a=b, c", ACCEPT-LANGUAGE: de}
                        header-files: {Authorization: /run/token}
                        private: true
                        idle-timeout: 10s
                        scope: node
                """).feeds().relays();
        assertThat(relays).containsExactly(
                new RelaySettings(URI.create("https://a.example:8443/events?channel=1"), Optional.of("a"), Map.of(), Map.of(),
                        Map.of(),
                        false, Duration.ofMinutes(5), Scope.CLUSTER, LIMITS),
                new RelaySettings(URI.create("http://b.example"), Optional.empty(),
                        Map.of("price", "prices", "message", "other,s"),
                        Map.of("x-client", "a=b, c", "accept-language", "de"), Map.of("authorization", Path.of("/run/token")),
                        true,
                        Duration.ofSeconds(10), Scope.NODE, LIMITS));
        assertThat(relays.getFirst().place()).isEqualTo("https://a.example:8443/events");
        assertThat(load("").feeds().relays()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "topic: a|.url is missing; each relay needs it",
            "url: 'http://a'|.topic is missing; each relay needs it, or sse-hub.feeds.relay.topics",
            "url: 'ftp://a?b=secret', topic: a|.url is 'ftp://a?***'; it must be a URL such as https://example.com/events, without a user "
                    + "and a fragment",
            "url: 'http://me:secret@a/', topic: a|.url is 'http://***@a/'; it must be a URL such as https://example.com/events, without a "
                    + "user and a fragment",
            "url: 'http://a#b', topic: a|.url is 'http://a#b'; it must be a URL such as https://example.com/events, without a user and a "
                    + "fragment",
            "url: events, topic: a|.url is 'events'; it must be a URL such as https://example.com/events, without a user and a fragment",
            "url: 'http://a', topic: '*'|.topic is '*'; it must be the name of a topic, not *, nor one of the hub's own, at or below "
                    + "/.well-known/mercure",
            "url: 'http://a', topics: {price: '*'}|.topics has a wrong entry, 'price'; it must have the name of a topic for each type, such "
                    + "as {price: prices}, and each only once",
            "url: 'http://a', topics: {a: b, a: c}|.topics has a wrong entry, 'a'; it must have the name of a topic for each type, such "
                    + "as {price: prices}, and each only once",
            "url: 'http://a', topics: [b]|.topics has a wrong entry, ''; it must have the name of a topic for each type, such as "
                    + "{price: prices}, and each only once",
            "url: 'http://a', topics: {a=b: c}|.topics has an entry whose name contains =, which is not allowed: 'a=b'",
            "url: 'http://a', topic: a, headers: {Host: secret}|.headers has a wrong entry, 'host'; it must have the names of headers with "
                    + "their values, but none that HTTP itself needs, such as Host, and each only once",
            "url: 'http://a', topic: a, headers: {a b: secret}|.headers has a wrong entry, 'a b'; it must have the names of headers with "
                    + "their values, but none that HTTP itself needs, such as Host, and each only once",
            "url: 'http://a', topic: a, headers: {A: b}, header-files: {a: /b}|.header-files has a, and so has sse-hub.feeds.relay.headers; "
                    + "only one of them is allowed",
            "url: 'http://a', topic: a, idle-timeout: 0s|.idle-timeout is '0s'; it must be a duration from 1s to 1d, such as 500ms, 15s, "
                    + "2m, 1h, 1d, or ISO-8601 (PT15S)",
            "url: 'http://a', topics: {gap: a}|.topics has the type gap, which belongs to the hub itself, so that it leaves out such events",
            "url: 'http://a', topic: a, scope: all|.scope is 'all'; it must be node or cluster"})
    void refusesMistakes(String relay, String message) {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> load(KEY + ":\n  - {" + relay + "}"))
                .withMessageEndingWith(KEY + message).withMessageStartingWith(folder.resolve("hub.yaml") + ":2: ").withNoCause();
    }

    @Test
    void refusesOtherKeysAndRepetitionsAndTooMany() {
        String relay = "  - {url: 'http://a/?x', topic: a}\n";
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(KEY + ":\n  - {url: 'http://a', topik: a}"))
                .withMessageEndingWith("there is no key sse-hub.feeds.relay.topik; the nearest is sse-hub.feeds.relay.topic");
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(KEY + ":\n" + relay + relay))
                .withMessageEndingWith(":3: sse-hub.feeds.relay.url is that of an earlier relay, too: http://a/");
        String many = IntStream.range(0, 101).mapToObj(i -> "  - {url: 'http://a/" + i + "', topic: a}\n").collect(joining());
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(KEY + ":\n" + many))
                .withMessageEndingWith("sse-hub.feeds.relay has 101 relays; it may have 100 at most");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, Map.of("SSE_HUB_FEEDS_RELAY", "http://a"), NONE))
                .withMessageContaining("it must be a list of relays such as");
    }

    @Test
    void showsNoSecretAndDoubtsAFileThatCannotBeRead() throws IOException {
        HubConfig config = load(KEY + ":\n  - {url: 'http://a/?token=secret', topic: a, headers: {Authorization: secret}, "
                + "header-files: {x: /no/such}}");
        assertThat(config.reader().settings().stream().filter(setting -> setting.key().equals(KEY)).map(Setting::text))
                .containsExactly(
                        "[{url: \"http://a/?***\", topic: a, headers: {Authorization: \"***\"}, header-files: {x: /no/such}}]");
        assertThat(config.warnings()).contains(
                "sse-hub.feeds.relay.header-files: the file /no/such cannot be read; the relay waits for it");
    }
}
