package dev.ssehub.config;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.limit.AddressRange;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration file and its mistakes, each with the line of its key. Values and their limits: {@link HubConfigTest}. */
class ConfigFileTest {
    private static final Map<String, String> NONE = Map.of();

    @TempDir
    private Path folder;

    /** Asserts that the configuration is refused with this message. */
    private void assertMistake(String yaml, String message) throws IOException {
        Path file = write(yaml);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage(message.replace("FILE", file.toString())).withNoCause();
    }

    private static void assertMistake(Map<String, String> environment, Map<String, String> properties, String message) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(null, environment, properties))
                .withMessage(message).withNoCause();
    }

    @Test
    void namesTheLineOfEveryMistake() throws IOException {
        assertMistake("""
                # a comment

                server:
                  port: 80

                sse-hub:
                  history:
                    max-age: 1h
                  retry:
                    abc
                """, "FILE:9: sse-hub.retry is 'abc'; it must be a duration from 0s to 1d, such as 500ms, 15s, 2m, 1h, 1d, or "
                + "ISO-8601 (PT15S)");
        assertMistake("""
                sse-hub:
                  feeds.time:
                    enabled: true
                    intervall: 1s
                """, "FILE:4: there is no key sse-hub.feeds.time.intervall; the nearest is sse-hub.feeds.time.interval");
        assertMistake("""
                sse-hub:
                  retry: 1s
                server.port: 1
                sse-hub.retry: 2s
                """, "FILE:4: sse-hub.retry is given more than once, first in line 2");
        assertMistake("sse-hub:\n  retry: 1s\n retry: 2s\n",
                "FILE:3: not valid YAML: while parsing a block mapping, expected <block end>, but found '<block mapping start>'");
        assertMistake("a: 1\n---\nb: 2\n",
                "FILE:2: not valid YAML: expected a single document in the stream, but found another document");
        assertMistake("a: 1\nb: \u0007\n", "FILE:2: not valid YAML: the character U+0007 is not allowed");
        assertMistake("a: 1\n? [b]\n: 2\n", "FILE:2: a key must be text, but has a list or a section in it");
        assertMistake("\nsse-hub.retry: !env RETRY\n", "FILE:2: sse-hub.retry must be text, but has the tag !env");
        assertMistake("\nsse-hub:\n default-topics:\n - a\n - b: 1\n",
                "FILE:3: sse-hub.default-topics must be text, but has a list or a section in it");
        assertMistake("server:\n  tls:\n    certificate: /c\n",
                "FILE:3: server.tls.certificate is set, but server.tls.private-key is not; TLS needs both");
        assertMistake("server:\n  tls:\n    private-key: /c\n",
                "FILE:3: server.tls.private-key is set, but server.tls.certificate is not; TLS needs both");
    }

    @Test
    void refusesAFileThatIsNotUtf8() throws IOException {
        Path file = Files.write(folder.resolve("hub.yaml"),
                "sse-hub.default-topics: [caf\u00e9]".getBytes(StandardCharsets.ISO_8859_1));
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage("the configuration file " + file + " cannot be read: it is not UTF-8");
    }

    /** A hub that reads its configuration again must not run out of memory. */
    @Test
    void refusesAFileThatIsTooLarge() throws IOException {
        Path file = Files.writeString(folder.resolve("hub.yaml"), "#".repeat(1 << 20));
        assertThat(HubConfig.load(file, NONE, NONE).server().port()).isEqualTo(8080);
        Files.writeString(file, "#", StandardOpenOption.APPEND);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage("the configuration file " + file + " has more than 1 MiB");
    }

    /** YAML 1.1 has several words for true, and reads numbers that begin with 0 as octal. */
    @Test
    void keepsValuesAsTheTextInTheFile() throws IOException {
        assertThat(load("server.port: 010").server().port()).isEqualTo(10);
        assertThat(load("sse-hub.default-topics: [yes, 1_0, 2025-01-01, ~]").server().endpoint().defaultTopics())
                .extracting(TopicSelector::text).containsExactly("yes", "1_0", "2025-01-01", "~");
        assertMistake("sse-hub.feeds.time.enabled: yes", "FILE:1: sse-hub.feeds.time.enabled is 'yes'; it must be true or false");
        assertMistake("server.port: 0x50", "FILE:1: server.port is '0x50'; it must be a whole number from 0 to 65535");
        assertThat(load("server.port: 80 # http").server().port()).isEqualTo(80);
        HubConfigTest.assertSameSettings(load("sse-hub.auth.issuer: null\nsse-hub.auth.audience: ~"), load(""));
    }

    @Test
    void refusesMergeKeysAndDuplicateKeys() throws IOException {
        assertMistake("sse-hub:\n  feeds:\n    time: &feed {topic: a}\n    log: {<<: *feed, topic: b}\n",
                "FILE:4: the merge key << is not supported; write the keys in full");
        assertMistake("sse-hub:\n  feeds:\n    log: {interval: 1s, interval: 2s}\n",
                "FILE:3: sse-hub.feeds.log.interval is given more than once, first in line 3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"ssehub: {retry: 1s}|ssehub.retry; the nearest is sse-hub.retry",
            "sever: {port: 80}|sever.port; the nearest is server.port",
            "sse: {retry: 1s}|sse.retry; the nearest is sse-hub.retry",
            "ssehub: 5|ssehub; the nearest is sse-hub", "ssehub:|ssehub; the nearest is sse-hub",
            "sse-hub: {limit: {max-connections: 5}}|sse-hub.limit.max-connections; the nearest is sse-hub.limits.max-connections",
            "hub: {colour: red}|hub.colour; at the top level there are logging, otlp, server, sse-hub",
            "sse-hub: {history: {colour: red}}|sse-hub.history.colour; sse-hub.history has file, max-age, max-bytes, max-events, sync, topics",
            "server: {tls: {colour: {a: red}}}|server.tls.colour.a; server.tls has certificate, private-key",
            "sse-hub.default-topics.0: a|sse-hub.default-topics.0; the nearest is sse-hub.default-topics"})
    void suggestsTheNearestKeyOrListsTheKnownOnes(String yaml, String rest) throws IOException {
        assertMistake(yaml, "FILE:1: there is no key " + rest);
    }

    @Test
    void namesTheNewNameOfAKeyThatHasMoved() throws IOException {
        assertMistake("sse-hub:\n  mailbox-capacity: 5\n", "FILE:2: sse-hub.mailbox-capacity is now sse-hub.mailbox.max-events");
        assertMistake("sse-hub:\n  mailbox-max-bytes: 5\n", "FILE:2: sse-hub.mailbox-max-bytes is now sse-hub.mailbox.max-bytes");
        assertMistake(NONE, Map.of("sse-hub.mailbox-capacity", "5"),
                "sse-hub.mailbox-capacity is now sse-hub.mailbox.max-events (in the system properties)");
        assertMistake(NONE, Map.of("sse-hub.mailbox-max-bytes", "5"),
                "sse-hub.mailbox-max-bytes is now sse-hub.mailbox.max-bytes (in the system properties)");
        assertMistake(Map.of("SSE_HUB_MAILBOX_CAPACITY", "5"), NONE,
                "sse-hub.mailbox-capacity is now sse-hub.mailbox.max-events (in "
                        + "the environment variable SSE_HUB_MAILBOX_CAPACITY); the variable is now SSE_HUB_MAILBOX_MAX_EVENTS");
        assertThat(HubConfig.load(null, Map.of("SSE_HUB_MAILBOX_MAX_BYTES", "2KiB"), NONE).hub().mailbox().maxBytes())
                .as("this variable has kept its name").isEqualTo(2048);
    }

    /** A single word may be a misspelled flag. A list, or a text with other characters, is meant as topics. */
    @ParameterizedTest
    @ValueSource(strings = {"maybe", "yes", "on", "no", "off", "1", "0", "True", "FALSE", "chat", "none", "all", "f\u00e4lse"})
    void refusesASingleWordAsATopicForAnonymousSubscribers(String word) throws IOException {
        boolean flag = word.matches("(?i)yes|no|on|off|[01]|true|false");
        String key = "sse-hub.subscribe.anonymous is '" + word + "'";
        assertMistake("sse-hub: {subscribe: {anonymous: " + word + "}}", "FILE:1: " + key + "; it must be true, false, or topics"
                + (flag ? "" : "; for a list of one topic, write [" + word + "]"));
        assertMistake(Map.of("SSE_HUB_SUBSCRIBE_ANONYMOUS", word), NONE,
                key + " (in the environment variable SSE_HUB_SUBSCRIBE_ANONYMOUS); it must be true, false, or topics"
                        + (flag ? "" : "; for a list of one topic, write " + word + ", (with the comma)"));
        if (flag) {
            assertMistake("sse-hub: {subscribe: {anonymous: [" + word + "]}}",
                    "FILE:1: " + key + "; it must be true, false, or topics");
        } else {
            TopicSelector topic = TopicSelector.parse(word);
            assertThat(load("sse-hub: {subscribe: {anonymous: [" + word + "]}}").anonymous().subscribe()).containsExactly(topic);
            assertThat(HubConfig.load(null, Map.of("SSE_HUB_SUBSCRIBE_ANONYMOUS", word + ","), NONE).anonymous().subscribe())
                    .containsExactly(topic);
        }
    }

    @Test
    void acceptsAListOfTopicsForAnonymousSubscribers() throws IOException {
        for (String topics : List.of("a,b", "/orders/{id}", "*", "a,", "https://example.com/a")) {
            assertThat(HubConfig.load(null, Map.of("SSE_HUB_SUBSCRIBE_ANONYMOUS", topics), NONE).anonymous().subscribe())
                    .extracting(TopicSelector::text).containsExactly(topics.split(","));
        }
        assertThat(load("sse-hub.subscribe.anonymous: '*'").anonymous().subscribe()).containsExactly(TopicSelector.parse("*"));
        assertThat(load("sse-hub.subscribe.anonymous: true").anonymous().subscribe()).containsExactly(TopicSelector.parse("*"));
        assertThat(load("sse-hub.subscribe.anonymous: false").anonymous().subscribe()).isEmpty();
    }

    /** The JDK reads 10.1 as 10.0.0.1. */
    @ParameterizedTest
    @ValueSource(strings = {"10.1", "10", "167772161", "10.0.1", "010.0.0.1", "10.1/8", "10.0.0.1.", "256.0.0.1", "0x0a.0.0.1"})
    void refusesAnAbbreviatedProxyAddress(String address) throws IOException {
        assertMistake("sse-hub: {limits: {trusted-proxies: ['" + address + "']}}", "FILE:1: sse-hub.limits.trusted-proxies is '"
                + address
                + "'; it must be addresses such as 127.0.0.1 and ::1, or ranges such as 10.0.0.0/8, with all their numbers, "
                + "and no names");
    }

    @Test
    void acceptsACompleteProxyAddress() throws IOException {
        assertThat(
                load("sse-hub.limits.trusted-proxies: [10.0.0.1, 0.0.0.0/0, 192.168.0.0/16, '::1', 'fd00::/8']").server().limits()
                        .trustedProxies())
                .containsExactly(AddressRange.parse("10.0.0.1"), AddressRange.parse("0.0.0.0/0"),
                        AddressRange.parse("192.168.0.0/16"), AddressRange.parse("::1"), AddressRange.parse("fd00::/8"));
    }

    /** The hub compares origins character by character. An origin that is written in another way would allow nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"https://example.com:443|https://example.com", "http://x:80|http://x",
            "https://Example.com|https://example.com", "HTTPS://example.com|https://example.com",
            "https://example.com/|https://example.com", "https://example.com:8443/a?b|https://example.com:8443",
            "http://localhost:03000|http://localhost:3000", "http://localhost:|http://localhost", "http://[::1]:80|http://[::1]",
            "https://b\u00fccher.example|https://xn--bcher-kva.example", "https://example.com:0|", "https://example.com:65536|",
            "https://example.com:123456|", "example.com|", "https://*.example.com|", "https://user@example.com|",
            "ws://example.com|",
            "ftp://example.com|", "file://|", "https://|", "Null|", "capacitor://|", "capacitor://localhost/|",
            "Tauri://localhost|",
            "chrome-extension://short|", "chrome-extension://zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz|", "moz-extension://x|"})
    void refusesAnOriginThatNoBrowserSendsAndSuggestsTheRightOne(String origin, String instead) throws IOException {
        assertMistake("sse-hub: {cors: {allowed-origins: ['https://a.example', '" + origin + "']}}",
                "FILE:1: sse-hub.cors.allowed-origins is 'https://a.example," + origin.replace("user@", "***@")
                        + "'; it must be origins such as "
                        + "https://example.com or http://localhost:3000, in lower case and without a path, origins of apps and "
                        + "extensions such as capacitor://localhost, or * alone"
                        + (instead == null ? "" : "; browsers send " + instead + ", not " + origin));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com", "http://localhost:3000", "https://example.com:80", "http://example.com:443",
            "http://127.0.0.1:65535", "https://[2001:db8::1]:8443", "http://my_service", "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc", "safari-web-extension://2C127FA4-62C7-7E4F-90E5-472B45EECFDC",
            "null"})
    void acceptsAnOriginThatABrowserSends(String origin) throws IOException {
        assertThat(load("sse-hub: {cors: {allowed-origins: ['" + origin + "']}}").server().endpoint().allowedOrigins())
                .isEqualTo(Set.of(origin));
        assertThat(HubConfig.load(null, Map.of("SSE_HUB_CORS_ALLOWED_ORIGINS", "https://a.example, " + origin), NONE).server()
                .endpoint().allowedOrigins()).containsExactlyInAnyOrder("https://a.example", origin);
    }

    /** An operator who writes null for "no value" must not open the hub to every local file. */
    @Test
    void takesNullForAnOriginOnlyInAList() throws IOException {
        assertThat(load("sse-hub: {cors: {allowed-origins: null}}").server().endpoint().allowedOrigins()).isEmpty();
        assertThat(load("sse-hub: {cors: {allowed-origins: [null]}}").server().endpoint().allowedOrigins())
                .containsExactly("null");
    }

    /** A mistake that is found only when the hub uses a value names the place of its key, too. */
    @Test
    void addsTheSourceOfAKeyToAMessageThatBeginsWithIt() throws IOException {
        HubConfig config = HubConfig.load(write("server:\n  port: 1\n"), Map.of("SSE_HUB_RETRY", "1s"),
                Map.of("sse-hub.path", "/p"));
        assertThat(config.reader().locate("server.port: it is taken"))
                .isEqualTo(folder.resolve("hub.yaml") + ":2: server.port: it is taken");
        assertThat(config.reader().locate("sse-hub.retry: too short"))
                .isEqualTo("sse-hub.retry (in the environment variable SSE_HUB_RETRY): too short");
        assertThat(config.reader().locate("sse-hub.path: bad")).isEqualTo("sse-hub.path (in the system properties): bad");
        assertThat(config.reader().locate("server.host: bad")).isEqualTo("server.host (in the defaults): bad");
        assertThat(config.reader().locate("something else: bad")).isEqualTo("something else: bad");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub: {retri: PT1S}|FILE:1: there is no key sse-hub.retri; the nearest is sse-hub.retry",
            "sse_hub: {retry: PT1S}|FILE:1: there is no key sse_hub.retry; the nearest is sse-hub.retry",
            "server: {prot: 80}|FILE:1: there is no key server.prot; the nearest is server.port",
            "sse-hub: {feeds: {tima: {enabled: true}}}|the nearest is sse-hub.feeds.time.enabled",
            "sse-hub: {retry: {seconds: 1}}|FILE:1: there is no key sse-hub.retry.seconds",
            "sse-hub: {retry: [PT1S, PT2S]}|FILE:1: sse-hub.retry is 'PT1S,PT2S'; it must be",
            "sse-hub: {retry: }|FILE:1: sse-hub.retry is ''; it must be",
            "sse-hub: {retry: {}}|FILE:1: sse-hub.retry is ''; it must be",
            "sse-hub: {default-topics: []}|FILE:1: sse-hub.default-topics is ''",
            "sse-hub: {publish: {anonymous-topics: false}}|FILE:1: sse-hub.publish.anonymous-topics is 'false'; it must be a list of "
                    + "topics: empty for none, * for all",
            "sse-hub: {publish: {anonymous-topics: ['true']}}|it must be a list of topics: empty for none, * for all",
            "sse-hub: {default-topics: [false]}|FILE:1: sse-hub.default-topics is 'false'; it must be one topic or more, or * for all",
            "sse-hub: 5|FILE:1: sse-hub is a section of keys, not a value", "sse-hub: [|FILE:1: not valid YAML: while parsing",
            "- a|FILE:1: not valid YAML: its top level must be keys with values",
            "port: 80|FILE:1: there is no key port; the nearest is server.port",
            "colour: red|FILE:1: there is no key colour; at the top level there are logging, otlp, server, sse-hub",
            "sse-hub~1retry: PT1S|FILE:1: there is no key sse-hub~1retry",
            "sse-hub: {~: PT1S}|FILE:1: the key 'sse-hub.' has an empty name before, after or between its dots",
            "sse-hub: {retry: PT1S, retry: PT2S}|FILE:1: sse-hub.retry is given more than once, first in line 1"})
    void describesAMistakeInTheFile(String yaml, String message) throws IOException {
        Path file = write(yaml);

        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessageContaining(message.replace("FILE", file.toString())).extracting(Throwable::getMessage).asString()
                .doesNotContain("\n");
    }

    /** If one of the two values won silently, a hub that is meant to be closed might be open. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub.subscribe.anonymous: false;sse-hub: {subscribe: {anonymous: true}} | sse-hub.subscribe.anonymous",
            "sse-hub: {subscribe: {anonymous: true}};sse-hub.subscribe.anonymous: false | sse-hub.subscribe.anonymous",
            "sse-hub.subscribe: {anonymous: false};sse-hub: {subscribe.anonymous: true} | sse-hub.subscribe.anonymous",
            "sse-hub: {subscribe: {anonymous: false};, subscribe.anonymous: false} | sse-hub.subscribe.anonymous",
            "sse-hub.retry: ;sse-hub: {retry: PT1S} | sse-hub.retry",
            "sse-hub.default-topics: [a];sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics: [];sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics.0: a;sse-hub: {default-topics: [b]} | sse-hub.default-topics",
            "sse-hub.default-topics.0: a;sse-hub: {default-topics: b} | sse-hub.default-topics"})
    void refusesAKeyThatIsGivenInTwoForms(String yaml, String key) throws IOException {
        Path file = write(yaml.replace(';', '\n'));
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage(file + ":2: " + key + " is given more than once, first in line 1");
    }

    /** Helidon's parser would read some of these keys as sse-hub.retry, and fail at others. */
    @ParameterizedTest
    @ValueSource(strings = {"sse-hub..retry", ".sse-hub.retry", "sse-hub.retry.", ".", "''"})
    void refusesAKeyWithAnEmptyPart(String key) throws IOException {
        Path file = write(key + ": PT1S");
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage(
                        file + ":1: the key '" + key.replace("'", "") + "' has an empty name before, after or between its dots");
    }

    @Test
    void allowsBothFormsForDifferentKeys() throws IOException {
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
    @CsvSource(delimiter = '|', value = {"server: &s {host: *s}|server", "server: &s {host: {a: [*s]}}|server",
            "sse-hub: {default-topics: &s [*s]}|sse-hub.default-topics", "server: &s {<<: *s, host: a}|server",
            "&s {server: *s}|server"})
    void refusesAValueThatContainsItself(String yaml, String key) throws IOException {
        Path file = write(yaml);
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> HubConfig.load(file, NONE, NONE))
                .withMessage(file + ":1: not valid YAML: " + key + " contains itself");
    }

    @Test
    void namesAFileThatCannotBeRead() {
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

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(write(yaml), NONE, NONE);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hub.yaml"), yaml);
    }
}
