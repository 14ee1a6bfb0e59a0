package dev.ssehub.config;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.HistoryFile;
import dev.ssehub.history.database.Sync;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules for topics, and the file of the history. The other keys of the history: {@link HubConfigTest}. */
class HistoryConfigTest {
    private static final Map<String, String> NONE = Map.of();

    @TempDir
    private Path folder;

    @Test
    void readsTheRulesInTheirOrder() throws IOException {
        List<TopicRule> rules = load("""
                sse-hub:
                  history:
                    max-age: 2h
                    topics:
                      - {match: "run/{id}", max-events: 5000, max-age: 6h, max-bytes: 1MiB}
                      - match: time
                        max-events: 0
                        max-age:
                      - {match: a{b}, max-bytes: 5000000000}
                      - match: '*'
                """.replace("a{b}", "'a{b,c}'")).hub().history().rules();

        Duration general = Duration.ofHours(2);
        assertThat(rules).containsExactly(
                new TopicRule(TopicSelector.parse("run/{id}"), 5000, Duration.ofHours(6), 1L << 20),
                new TopicRule(TopicSelector.parse("time"), 0, general, null),
                new TopicRule(TopicSelector.parse("a{b,c}"), Integer.MAX_VALUE, general, 5_000_000_000L),
                new TopicRule(TopicSelector.parse("*"), Integer.MAX_VALUE, general, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse-hub.history.topics: []", "sse-hub.history.topics:", "sse-hub: {history: {topics: ''}}", ""})
    void hasNoRulesByDefault(String yaml) throws IOException {
        assertThat(load(yaml).hub().history()).isEqualTo(new Limits(10_000, Duration.ofHours(1), 16 << 20));
    }

    @Test
    void readsTheFile() throws IOException {
        assertThat(load("").historyFile()).isEmpty();
        assertThat(load("sse-hub.history.file: data/hub.db").historyFile())
                .hasValue(new HistoryFile(Path.of("data/hub.db"), Sync.OS));
        assertThat(HubConfig.load(null, Map.of("SSE_HUB_HISTORY_FILE", "/data/hub.db", "SSE_HUB_HISTORY_SYNC", "disk"), NONE)
                .historyFile()).hasValue(new HistoryFile(Path.of("/data/hub.db"), Sync.DISK));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of("sse-hub.history.sync", "full")))
                .withMessage("sse-hub.history.sync is 'full' (in the system properties); it must be os or disk");
    }

    /** Each mistake is in line 3. In {@code rest}, KEY stands for the key of the list. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"{max-events: 1}|KEY.match is missing; each rule needs it",
            "{}|KEY.match is missing; each rule needs it", "{match: ''}|KEY.match is missing; each rule needs it",
            "{match: [a, b]}|KEY.match is 'a,b'; it must be a topic, a template, or *",
            "{match: {a: b}}|there is no key KEY.match.a; the nearest is KEY.match",
            "{match: a, max-event: 1}|there is no key KEY.max-event; the nearest is KEY.max-events",
            "{match: a, max-events: -1}|KEY.max-events is '-1'; it must be a whole number from 0 to 10000000",
            "{match: a, max-events: many}|KEY.max-events is 'many'; it must be a whole number from 0 to 10000000",
            "{match: a, max-age: 5}|KEY.max-age is '5'; it must be a duration from 0s to 365d, such as 500ms, 15s, 2m, 1h, 1d, or "
                    + "ISO-8601 (PT15S)",
            "{match: a, max-bytes: 1 MB}|KEY.max-bytes is '1 MB'; it must be a whole number of bytes from 0 to 1099511627776, or a "
                    + "size such as 64KiB, 1MiB or 1GiB",
            "{match: a, match: b}|KEY.match is given more than once, first in line 3",
            "{match: first}|KEY.match is 'first', and so is that of an earlier rule"})
    void namesTheLineOfAMistakeInARule(String rule, String rest) {
        assertMistake("sse-hub.history.topics:\n- {match: first}\n- " + rule + "\n",
                "3: " + rest.replace("KEY", "sse-hub.history.topics"));
    }

    @Test
    void refusesWhatIsNoListOfRules() {
        String needed = "; it must be a list of rules such as {match: 'run/{id}', max-events: 5000}, in the configuration file";
        assertMistake("sse-hub.history.topics: a", "1: sse-hub.history.topics is 'a'" + needed);
        assertMistake("sse-hub.history.topics: {match: a}",
                "1: there is no key sse-hub.history.topics.match; sse-hub.history.topics is a list of sections, which only the "
                        + "configuration file can have");
        for (String list : List.of("[a]", "[{match: a}, b]", "[[{match: a}]]", "[~]")) {
            assertMistake("sse-hub.history.topics: " + list,
                    "1: sse-hub.history.topics must be a list of sections, but one of its items is not a section");
        }
        assertMistake("sse-hub.default-topics: [{match: a}]",
                "1: sse-hub.default-topics must be text, but has a list or a section in it");
        assertMistake("sse-hub.history.topics: &r [&s {match: *s}]",
                "1: not valid YAML: sse-hub.history.topics.match contains itself");
        assertMistake("sse-hub.history.topics: &r [{match: *r}]", "1: not valid YAML: sse-hub.history.topics contains itself");
        assertMistake("sse-hub:\n  history.topics:\n" + IntStream.rangeClosed(1, 101).mapToObj(i -> "  - match: t" + i + "\n")
                .collect(Collectors.joining()), "2: sse-hub.history.topics has 101 rules; it may have 100 at most");
    }

    /** A list of sections has no notation in one line of text. */
    @Test
    void takesRulesOnlyFromTheFile() throws IOException {
        Path file = write("sse-hub.history.topics: [{match: a}]");
        assertThat(HubConfig.load(file, Map.of("SSE_HUB_HISTORY_TOPICS", ""), NONE).hub().history().rules()).isEmpty();
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(file, Map.of("SSE_HUB_HISTORY_TOPICS", "a,b"), NONE))
                .withMessage("sse-hub.history.topics is 'a,b' (in the environment variable SSE_HUB_HISTORY_TOPICS); it must be a "
                        + "list of rules such as {match: 'run/{id}', max-events: 5000}, in the configuration file");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(file, NONE, Map.of("sse-hub.history.topics.0.match", "a")))
                .withMessage(
                        "there is no key sse-hub.history.topics.0.match (in the system properties); sse-hub.history.topics is a "
                                + "list of sections, which only the configuration file can have");
    }

    @Test
    void warnsAboutRulesThatHaveNoEffectOrTooMuchOfIt() throws IOException {
        String local = "server: {host: 127.0.0.1}\n";
        String rules = "sse-hub.history.topics: [{match: a}, {match: '*'}, {match: 'b/{c}'}, {match: d}]\n";
        assertThat(load(local + rules).warnings())
                .containsExactly("sse-hub.history.topics has rules that have no effect: the rule "
                        + "of * comes before b/{c}, d, and the first rule that matches a topic counts");
        assertThat(load(local + "sse-hub.history.topics: [{match: 'run/{id'}, {match: many, max-events: 20000}]").warnings())
                .containsExactly(
                        "sse-hub.history.topics.match 'run/{id' is the name of one topic, because it is not a valid template",
                        "sse-hub.history.topics.max-events of many is 20000, but without sse-hub.history.topics.max-bytes of its own, "
                                + "the rule shares sse-hub.history.max-events, which is 10000");
        assertThat(load(local + "sse-hub.history.topics: [{match: a}, {match: '*'}]").warnings()).isEmpty();
        assertThat(load(local + "sse-hub.history.sync: disk").warnings())
                .containsExactly("sse-hub.history.sync has no effect: sse-hub.history.file is empty");
        String budget = "sse-hub.history.topics: [{match: a, max-bytes: 600}, {match: b, max-bytes: 500}]\n";
        assertThat(HistoryConfig.warnings(load(budget).reader(), load(budget).hub().history(), 1000))
                .containsExactly(
                        "sse-hub.history.topics.max-bytes of a is 600, which is more than half of the heap (1000 bytes): the "
                                + "hub may run out of memory");
        String onDisk = budget + "sse-hub.history.file: hub.db";
        assertThat(HistoryConfig.warnings(load(onDisk).reader(), load(onDisk).hub().history(), 1000)).isEmpty();
    }

    private void assertMistake(String yaml, String message) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(yaml))
                .withMessage(folder.resolve("hub.yaml") + ":" + message).withNoCause();
    }

    private HubConfig load(String yaml) throws IOException {
        return HubConfig.load(write(yaml), NONE, NONE);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hub.yaml"), yaml);
    }
}
