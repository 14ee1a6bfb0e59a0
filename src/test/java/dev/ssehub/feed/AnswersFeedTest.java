package dev.ssehub.feed;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.HubClosedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers, whose words come when the test moves the clock. */
class AnswersFeedTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private volatile Instant now = Instant.parse("2026-11-29T12:00:00Z");
    private final Events events = new Events("*");
    private final AnswersFeed feed = feed();

    private AnswersFeed feed() {
        return new AnswersFeed(events.hub, "answers", INTERVAL, () -> now);
    }

    @AfterEach
    void close() {
        feed.close();
        events.close();
    }

    private void move(int words) {
        now = now.plus(INTERVAL.multipliedBy(words));
    }

    private List<String> next(int count) throws InterruptedException {
        List<String> data = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            data.add(events.next().data());
        }
        return data;
    }

    private String begin() {
        String run = feed.newRun();
        assertThat(feed.write(run)).isTrue();
        return run;
    }

    private static List<String> writers() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter("feed-answers"::equals).toList();
    }

    @Test
    void writesAWordAtATimeAndEndsTheTopic() throws Exception {
        String run = begin();
        assertThat(events.isEmpty()).isTrue();
        move(1);
        assertThat(next(1)).containsExactly("\"A \"");
        move(2);
        assertThat(next(2)).containsExactly("\"resumable \"", "\"stream \"");
        assertThat(events.hub.history().endOf(feed.topic(run))).isNull();
        move(1_000);
        List<String> rest = next(128);
        assertThat(rest.get(126)).isEqualTo("\"tab.\"");
        assertThat(rest.getLast()).isEqualTo(AnswersFeed.COMPLETE);
        assertThat(events.hub.history().endOf(feed.topic(run))).isNotNull();
        await().until(() -> writers().isEmpty());
        assertThat(feed.write(run)).isTrue();
        assertThat(writers()).as("there is nothing to write").isEmpty();
    }

    /** Each has its own place, and the hub knows the words of one from those of the other by their ids. */
    @Test
    void anotherFeedGoesOnWhereTheRunIs() throws Exception {
        String run = begin();
        move(3);
        assertThat(next(3)).hasSize(3);
        feed.close();
        assertThatThrownBy(() -> feed.write(run)).isInstanceOf(HubClosedException.class);
        try (AnswersFeed other = feed()) {
            move(2);
            assertThat(other.write(run)).isTrue();
            assertThat(next(2)).containsExactly("\"is \"", "\"an \"");
            move(1);
            assertThat(next(1)).containsExactly("\"answer \"");
        }
    }

    @Test
    void aStopEndsTheRunForAllWhoWriteIt() throws Exception {
        String run = begin();
        move(1);
        next(1);
        try (AnswersFeed other = feed()) {
            assertThat(other.stop(run)).isTrue();
            assertThat(next(1)).containsExactly(AnswersFeed.STOPPED);
            await().until(() -> writers().isEmpty());
            move(5);
            assertThat(feed.write(run)).isTrue();
            assertThat(feed.stop(run)).isTrue();
            assertThat(other.stop(run)).isTrue();
            events.hub.publish(new Update("other", "last"));
            assertThat(next(1)).containsExactly("last");
        }
    }

    @Test
    void aRunKeepsItsPlaceForTheTimeOfItsAnswer() {
        List<String> all = IntStream.range(0, AnswersFeed.MAX_RUNS).mapToObj(_ -> begin()).toList();
        String late = feed.newRun();
        assertThat(feed.write(late)).isFalse();
        assertThat(feed.stop(late)).isFalse();
        assertThat(feed.stop(all.getFirst())).isTrue();
        assertThat(feed.write(all.getLast())).isTrue();
        move(100);
        assertThat(feed.write(late)).isFalse();
        assertThat(feed.untilNextPlace()).isEqualTo(Duration.ofSeconds(30));
        move(32);
        await().until(() -> feed.write(late)); // when the others are written to their end
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "mhx5k2c0", "MHX5K2C0-abcd", "mhx5k2c0-abc", "mhx5k2c0-{a}bcd", "mhx5k2c0-abcd/e",
            "zzzzzzzzzz-abcd",
            "zzzzzzzzz-abcd"})
    void refusesNamesThatItDoesNotGive(String run) {
        assertThatIllegalArgumentException().isThrownBy(() -> feed.topic(run));
        assertThatIllegalArgumentException().isThrownBy(() -> feed.write(run));
        assertThatIllegalArgumentException().isThrownBy(() -> feed.stop(run));
    }
}
