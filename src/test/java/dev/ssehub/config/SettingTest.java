package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The effective configuration as the log and the command {@code check} show it. */
class SettingTest {
    private static final Map<String, String> NONE = Map.of();

    @TempDir
    private Path folder;

    private static Map<String, Setting> settings(HubConfig config) {
        return config.reader().settings().stream().collect(toMap(Setting::key, setting -> setting));
    }

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(Files.writeString(folder.resolve("hub.yaml"), yaml), NONE, NONE);
    }

    /** What is printed is a configuration file with the same values. */
    @Test
    void canBeReadAgain() throws IOException {
        Path file = Files.writeString(folder.resolve("first.yaml"), """
                server: {port: 010, allowed-hosts: [a.example, '*.example.com']}
                logging: {levels: {root: warning, dev.ssehub: debug}}
                sse-hub:
                  default-topics: ['a "quoted" \\ one', '/orders/{id}', 'null', "# no comment", '- x', 'a: b', "caf\u00e9"]
                  subscribe: {anonymous: [a, b]}
                  publish: {anonymous-topics: []}
                  history:
                    file: /tmp/hub.db
                    topics:
                      - {match: "run/{id}", max-events: 5000, max-age: 6h}
                      - {match: "*", max-bytes: 64MiB}
                  feeds:
                    relay:
                      - {url: "http://a.example/events", topics: {price: prices, "a b": x}, header-files: {X-Token: /token}}
                      - {url: "https://b.example/events", topic: b, scope: node, private: true, idle-timeout: 10s}
                """);
        HubConfig first = HubConfig.load(file, Map.of("SSE_HUB_RETRY", "5s", "SSE_HUB_FEEDS_LOG_FILE", "/a,b"),
                Map.of("sse-hub.cors.allowed-origins", "https://a.example,https://b.example"));

        String printed = first.reader().settings().stream()
                .map(setting -> setting.key() + ": " + setting.text() + "  # " + setting.source() + "\n").collect(joining());

        HubConfigTest.assertSameSettings(load(printed), first);
        assertThat(printed).startsWith("server.host: 0.0.0.0  # defaults\nserver.port: 010  # " + file + ":1\n")
                .contains("sse-hub.retry: 5s  # environment variable SSE_HUB_RETRY\n",
                        "sse-hub.cors.allowed-origins: [\"https://a.example\", \"https://b.example\"]  # system properties\n",
                        "sse-hub.history.topics: [{match: \"run/{id}\", max-events: 5000, max-age: 6h}, {match: \"*\", max-bytes: 64MiB}]  # ",
                        "sse-hub.feeds.log.file: \"/a,b\"  # environment variable ");
    }

    @Test
    void knowsWhatDiffersFromTheDefaults() throws IOException {
        assertThat(settings(load("")).values()).isNotEmpty().allMatch(Setting::isDefault);
        assertThat(HubConfig.load(Path.of("config/application.yaml"), NONE, NONE).reader().settings())
                .allMatch(Setting::isDefault);
        assertThat(settings(HubConfig.load(null, Map.of("SSE_HUB_DEFAULT_TOPICS", "time", "SERVER_PORT", "9000"), NONE)).values())
                .filteredOn(setting -> !setting.isDefault()).extracting(Setting::key).containsExactly("server.port");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub.auth.key|0123456789012345678901234567890123456789|\"***\"",
            "sse-hub.auth.jwks|https://user:pass@example.com/keys?token=x|\"https://***@example.com/keys?***\"",
            "sse-hub.auth.jwks|https://example.com/keys|\"https://example.com/keys\""})
    void showsNoSecret(String key, String value, String shown) {
        assertThat(settings(HubConfig.load(null, NONE, Map.of(key, value))).get(key).text()).isEqualTo(shown);
    }

    /** Every key that is read as a secret is one that is never shown, and a mistake does not show it either. */
    @Test
    void showsNoSecretInAMistake() throws IOException {
        String code = Files.readString(Path.of("src/main/java/dev/ssehub/config/HubConfig.java"));
        assertThat(code.split("config\\.secret\\(", -1)).as("other secrets").hasSize(2);
        assertThat(code).contains("config.secret(section + \".key\")", "key(config, \"sse-hub.auth\")",
                "key(config, \"sse-hub.auth.subscriber\")");
        assertThat(List.of("sse-hub.auth.key", "sse-hub.auth.subscriber.key")).allMatch(KnownKeys::isSecret);
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(
                        () -> HubConfig.load(null, NONE, Map.of("sse-hub.cors.allowed-origins", "https://user:pass@example.com")))
                .withMessageContaining("https://***@example.com").withMessageNotContaining("pass");
    }
}
