package dev.ssehub.history.file;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.Query;
import dev.ssehub.history.database.Sync;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is still known after the file was lost while the history was in use. */
class ReplacedFileTest {
    private static final long START = HubId.position(1_000, 0);

    @TempDir
    private Path folder;

    @Test
    void theLossOfEveryRuleIsKnownAfterARestart() throws Exception {
        Path path = folder.resolve("hub.db");
        try (History history = open(path)) {
            append(history, "run/1");
            Files.delete(path);
            await().atMost(Duration.ofSeconds(10)).until(() -> history.losses() > 0);
            append(history, "other");
        }
        try (History history = open(path)) {
            assertThat(lost(history, "run/1")).isGreaterThan(START);
            assertThat(lost(history, "other")).isGreaterThan(START);
        }
    }

    private static History open(Path path) throws IOException {
        TopicRule rule = new TopicRule(TopicSelector.parse("run/{id}"), 10, Duration.ofHours(1), null);
        Limits limits = new Limits(10, Duration.ofHours(1), 1 << 20, List.of(rule));
        History history = FileHistory.open(path, Sync.OS, limits, new NoMetrics(), InstantSource.system());
        history.start(START);
        return history;
    }

    private static void append(History history, String topic) {
        Addition addition = new Addition(history.newest() + 1, new Update(topic, "x")) {
            @Override
            protected void added(Event event) {}
        };
        history.append(List.of(addition));
        addition.await();
    }

    private static long lost(History history, String topic) {
        SelectorSet selectors = SelectorSet.of(List.of(TopicSelector.parse(topic)));
        return history.read(new Query(START, History.UNKNOWN, history.select(selectors, START, History.UNKNOWN), _ -> true,
                Event::size, 8_192)).lost();
    }
}
