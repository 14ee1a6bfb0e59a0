package dev.ssehub.history.file;

import module java.base;
import static dev.ssehub.history.file.OpenLog.LARGE;
import static dev.ssehub.history.file.OpenLog.START;
import static dev.ssehub.history.file.OpenLog.limits;
import static dev.ssehub.history.file.OpenLog.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.history.file.OpenLog.Added;
import dev.ssehub.history.file.OpenLog.Read;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a restart finds again. */
class FileHistoryRestartTest {
    private static final List<String> TOPICS = List.of("a", "run/1", "run/2", "run/1/log", "doc/1");
    private static final List<String[]> SELECTIONS = Stream
            .of("a", "run/1 doc/1", "*", "run/{id}", "{+any}", "run/{id} a", "run/{id}/log none", "none")
            .map(words -> words.split(" ")).toList();

    @TempDir
    private Path folder;
    private Path file;
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000);
    private long millis = 10_000_000;

    @BeforeEach
    void name() {
        file = folder.resolve("hub.db");
    }

    private OpenLog open(Limits limits) throws IOException {
        long now = millis;
        return OpenLog.open(file, limits, () -> Instant.ofEpochMilli(now), nanos::get);
    }

    /** Time passes while the hub runs or is stopped. */
    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        millis += time.toMillis();
    }

    /** Random events, limits and restarts, also with other limits: no loss is silent, and none is told that was not one before. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 14, 16})
    void everyClientGetsWhatItGotBeforeOrIsTold(long seed) throws Exception {
        Random random = new Random(seed);
        Map<Long, List<String>> all = new TreeMap<>();
        Set<Long> ending = new HashSet<>();
        long lost = 0;
        Limits limits = randomLimits(random);
        for (int run = 0; run < 6; run++) {
            Map<String, Read> before = new HashMap<>();
            try (OpenLog log = open(limits)) {
                for (int step = 0; step < 15; step++) {
                    pass(Duration.ofMillis(random.nextInt(3)));
                    List<String> topics = random.ints(random.nextInt(6) == 0 ? 3 : 1, 0, TOPICS.size()).mapToObj(TOPICS::get)
                            .toList();
                    Update update = new Update(topics, "x".repeat(random.nextInt(60)), null, null, null, random.nextBoolean());
                    boolean ends = random.nextInt(3) == 0;
                    all.put(log.append(ends ? update.ending() : update), topics);
                    if (ends) {
                        ending.add(log.history.newest());
                    }
                    if (random.nextInt(40) == 0) {
                        lost = log.lose();
                        all.put(lost, TOPICS);
                    }
                    if (random.nextInt(20) == 0) {
                        log.history.forget(TOPICS.get(random.nextInt(TOPICS.size()))).run();
                    }
                }
                log.settle();
                forEachRead(log, all, (key, read) -> before.put(key, read));
                assertEnds(log, ending, lost);
            }
            OpenLog.assertConsistent(file);
            boolean sameLimits = random.nextBoolean();
            limits = sameLimits ? limits : randomLimits(random);
            try (OpenLog log = open(limits)) {
                log.settle();
                forEachRead(log, all, (key, read) -> {
                    if (sameLimits) {
                        Read old = before.get(key);
                        assertThat(read.positions()).as(key)
                                .containsAll(old.positions().stream().filter(p -> p > old.lost()).toList());
                        assertThat(old.positions()).as(key).containsAll(read.positions());
                        assertThat(read.lost() > 0).as(key).isEqualTo(old.lost() > 0);
                    } else {
                        assertThat(before.get(key).positions()).as(key).containsAll(read.positions());
                    }
                });
                assertEnds(log, ending, lost);
            }
        }
    }

    /** A topic has ended if the newest event that it holds ends it, and no later one is lost. */
    private static void assertEnds(OpenLog log, Set<Long> ending, long lost) {
        for (String topic : TOPICS) {
            List<Long> held = log.read(START, topic).positions();
            boolean ended = !held.isEmpty() && ending.contains(held.getLast()) && held.getLast() > lost;
            Event end = log.history.endOf(topic);
            assertThat(end == null ? 0 : end.position()).as("the end of %s", topic).isEqualTo(ended ? held.getLast() : 0);
        }
    }

    private static Limits randomLimits(Random random) {
        List<TopicRule> rules = new ArrayList<>(List.of(rule("run/{id}", random.nextInt(4)), rule("doc/1", random.nextInt(3)),
                new TopicRule(TopicSelector.parse("{+any}/log"), 5, Duration.ofMillis(10), 300L)));
        Collections.shuffle(rules, random);
        return new Limits(3 + random.nextInt(20), Duration.ofMillis(60), 3_000, rules.subList(0, random.nextInt(4)));
    }

    /** Reads with each selection from some positions, and checks that no loss is silent. */
    private static void forEachRead(OpenLog log, Map<Long, List<String>> all, BiConsumer<String, Read> check) {
        List<Long> positions = List.copyOf(all.keySet());
        for (String[] selectors : SELECTIONS) {
            SelectorSet set = SelectorSet.of(Stream.of(selectors).map(TopicSelector::parse).toList());
            for (int i = 0; i < positions.size(); i += 7) {
                long after = positions.get(i);
                Read read = log.read(after, selectors);
                String key = String.join(" ", selectors) + " after " + after;
                OptionalLong missing = all.entrySet().stream().filter(event -> event.getKey() > after)
                        .filter(event -> set.matchesAny(event.getValue()) && !read.positions().contains(event.getKey()))
                        .mapToLong(Map.Entry::getKey).max();
                assertThat(read.lost()).as("silent loss of " + key).isGreaterThanOrEqualTo(missing.orElse(0));
                check.accept(key, read);
            }
        }
    }

    @Test
    void positionsAndIdsGoOn() throws IOException {
        long first;
        long last;
        try (OpenLog log = open(LARGE)) {
            first = log.append("own", "a");
            log.append("same", "a");
            log.append("same", "b");
            last = log.append("private", "b", "c");
        }
        try (OpenLog log = open(LARGE)) {
            assertThat(log.history.beginning()).isEqualTo(START);
            assertThat(log.history.newest()).isEqualTo(last);
            assertThat(log.history.completeAfter()).isZero();
            assertThat(log.find(HubId.text(first))).isEqualTo(first);
            assertThat(log.find(HubId.text(last + 1))).isEqualTo(History.UNKNOWN);
            assertThat(log.find(HubId.text(START - 1))).isEqualTo(History.UNKNOWN);
            assertThat(log.find("own")).isEqualTo(first);
            assertThat(log.find("same")).as("ambiguous").isEqualTo(History.UNKNOWN);
            assertThat(log.append("own", "a")).as("a repetition").isZero();
            assertThat(log.append("own", "c")).as("another topic").isEqualTo(last + 2);
            assertThat(log.find("own")).as("ambiguous").isEqualTo(History.UNKNOWN);
            assertThat(log.read(START, "*")).isEqualTo(new Read(List.of(first, first + 1, first + 2, last, last + 2), 0));
        }
    }

    /** An id is known for some time after its event is gone, and then a publisher may use it again. */
    @Test
    void idsOfRemovedEventsGoOn() throws IOException {
        long removed;
        try (OpenLog log = open(limits(1))) {
            removed = log.append("own", "a");
            log.append("a");
        }
        try (OpenLog log = open(limits(1)).settle()) {
            assertThat(log.find("own")).isEqualTo(removed);
            assertThat(log.append("own", "a")).as("no repetition").isPositive();
            assertThat(log.find("own")).as("ambiguous").isEqualTo(History.UNKNOWN);
        }
        try (OpenLog log = open(limits(1))) {
            assertThat(log.find("own")).as("ambiguous").isEqualTo(History.UNKNOWN);
        }
    }

    /** A client that has only a checkpoint of a hub without events resumes from it. */
    @Test
    void aHubWithoutEventsHasTheSameBeginningAfterARestart() throws IOException {
        try (OpenLog log = open(LARGE)) {
            log.settle();
            assertThat(log.history.beginning()).isEqualTo(START);
        }
        try (FileHistory history = FileHistory.open(file, Sync.OS, LARGE, new NoMetrics(),
                () -> Instant.ofEpochMilli(millis))) {
            history.start(START + 100);
            assertThat(history.find(HubId.text(START), _ -> true)).isEqualTo(START);
        }
    }

    /** So the file alone is a backup. */
    @Test
    void aStoppedHubLeavesOneFile() throws IOException {
        try (OpenLog log = open(LARGE)) {
            log.append("a");
            log.read(START, "a");
        }
        assertThat(Path.of(file + "-wal")).doesNotExist();
        assertThat(Path.of(file + "-shm")).doesNotExist();
    }

    @Test
    void closingBeforeTheStartReleasesTheFile() throws IOException {
        for (int i = 0; i < 2; i++) {
            FileHistory.open(file, Sync.OS, LARGE, new NoMetrics(), () -> Instant.EPOCH).close();
        }
    }

    @Test
    void aForgottenTopicStaysForgottenAndItsLossIsTold() throws IOException {
        long last;
        try (OpenLog log = open(LARGE)) {
            log.append("own", "a");
            last = log.append("a");
            log.append("b");
            log.history.forget("a").run();
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), last));
        }
        try (OpenLog log = open(LARGE)) {
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), last));
            assertThat(log.read(last, "a")).isEqualTo(new Read(List.of(), 0));
            assertThat(log.read(START, "b")).isEqualTo(new Read(List.of(last + 1), 0));
            assertThat(log.find("own")).isEqualTo(History.UNKNOWN);
            assertThat(log.append("own", "a")).isEqualTo(last + 2);
            assertThat(log.read(last, "a")).isEqualTo(new Read(List.of(last + 2), 0));
        }
    }

    @Test
    void anEndSurvivesTheRestart() throws IOException {
        long end;
        try (OpenLog log = open(LARGE)) {
            log.append("a");
            end = log.append(new Update(List.of("a", "b"), "x", null, "own", null, true).ending());
            log.append(new Update("c", "x").ending());
            log.append("c");
            log.append(new Update("forgotten", "x").ending());
            log.history.forget("forgotten").run();
        }
        try (OpenLog log = open(LARGE)) {
            for (String topic : List.of("a", "b")) {
                Event found = log.history.endOf(topic);
                assertThat(found.position()).isEqualTo(end);
                assertThat(found.isPrivate()).isTrue();
                assertThat(found.topics()).containsExactly("a", "b");
            }
            assertThat(log.history.endOf("c")).isNull();
            assertThat(log.history.endOf("forgotten")).isNull();
            assertThat(log.history.at(end).ends()).isTrue();
            log.append("b");
            assertThat(log.history.endOf("b")).isNull();
        }
        try (OpenLog log = open(LARGE)) {
            assertThat(log.history.endOf("a").position()).isEqualTo(end);
            assertThat(log.history.endOf("b")).as("opened again").isNull();
        }
    }

    /** Version 1 had no sums in the rows of the topics, and version 2 no ends. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theFileOfAnOlderHubIsUpgraded(int version) throws Exception {
        long last = 0;
        try (OpenLog log = open(LARGE)) {
            for (int i = 0; i < 300; i++) {
                last = log.append(new Update(List.of("t" + i % 10, "all"), "x".repeat(i), null, null, null, false));
            }
            log.append("forgotten");
            log.history.forget("forgotten").run();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE topic DROP COLUMN ended");
            statement.execute("ALTER TABLE event DROP COLUMN ends");
            if (version == 1) {
                for (String column : List.of("events", "size", "oldest", "oldest_logged")) {
                    statement.execute("ALTER TABLE topic DROP COLUMN " + column);
                }
                statement.execute("ALTER TABLE state DROP COLUMN scrub");
            }
            statement.execute("PRAGMA user_version = " + version);
        }
        try (OpenLog log = open(limits(1_000, rule("all", 100))).settle()) {
            assertThat(log.read(START, "all"))
                    .isEqualTo(new Read(LongStream.rangeClosed(last - 99, last).boxed().toList(), last - 100));
            assertThat(log.read(START, "t9").positions()).hasSize(30).endsWith(last);
            assertThat(log.history.endOf("all")).isNull();
            log.append(new Update("t9", "x").ending());
            assertThat(log.history.endOf("t9").position()).isEqualTo(log.history.newest());
        }
        OpenLog.assertConsistent(file);
        assertThat(OpenLog.number(file, "PRAGMA user_version")).isEqualTo(3);
    }

    @Test
    void lossesOfNewRulesSurviveTheRestart() throws IOException {
        Limits rules = limits(1_000, rule("run/{id}", 1));
        long lost;
        try (OpenLog log = open(LARGE)) {
            lost = log.append("run/1");
            log.history.forget("run/1").run();
            log.append("other");
            log.history.apply(rules);
            log.settle();
        }
        try (OpenLog log = open(rules)) {
            assertThat(log.read(START, "run/2")).isEqualTo(new Read(List.of(), lost));
            assertThat(log.read(lost, "run/2")).isEqualTo(new Read(List.of(), 0));
        }
    }

    @Test
    void aLoweredLimitTakesEffect() throws IOException {
        long last = 0;
        try (OpenLog log = open(LARGE)) {
            for (int i = 0; i < 300; i++) {
                last = log.append("a");
            }
        }
        try (OpenLog log = open(limits(1_000, rule("a", 7))).settle()) {
            assertThat(log.read(START, "a"))
                    .isEqualTo(new Read(LongStream.rangeClosed(last - 6, last).boxed().toList(), last - 7));
        }
        try (OpenLog log = open(limits(3)).settle()) {
            assertThat(log.read(START, "*")).isEqualTo(new Read(List.of(last - 2, last - 1, last), last - 3));
        }
        assertThat(rows("event")).isEqualTo(3);
    }

    /** A topic without a past may come to another rule, which has not lost anything yet. */
    @Test
    void aNewRuleHasLostWhatTheRuleOfItsTopicsHadLost() throws IOException {
        long lost;
        try (OpenLog log = open(LARGE)) {
            log.append("run/1");
            lost = log.append("run/1");
            log.history.forget("run/1").run();
        }
        try (OpenLog log = open(limits(1_000, rule("run/{id}", 10)))) {
            assertThat(log.read(START, "run/1")).isEqualTo(new Read(List.of(), lost));
            assertThat(log.read(START, "run/{id}")).isEqualTo(new Read(List.of(), lost));
        }
        try (OpenLog log = open(limits(1_000, rule("run/1", 10), rule("run/{id}", 10)))) {
            assertThat(log.read(START, "run/1")).isEqualTo(new Read(List.of(), lost));
        }
    }

    /** Rules in another order divide the topics in another way. */
    @Test
    void rulesInAnotherOrderHaveLostTheSame() throws IOException {
        long lost;
        try (OpenLog log = open(limits(1_000, rule("run/{id}", 10), rule("run/1", 10)))) {
            lost = log.append("run/1");
            log.history.forget("run/1").run();
            log.append("run/2");
            log.append("run/2");
        }
        try (OpenLog log = open(limits(1_000, rule("run/1", 10), rule("run/{id}", 10)))) {
            assertThat(log.read(START, "run/1")).isEqualTo(new Read(List.of(), lost));
        }
    }

    @Test
    void agesGoOnWhileTheHubIsStopped() throws IOException {
        long first;
        long second;
        try (OpenLog log = open(LARGE)) {
            first = log.append("a");
            pass(Duration.ofMinutes(40));
            second = log.append("a");
        }
        pass(Duration.ofMinutes(15));
        try (OpenLog log = open(LARGE).settle()) {
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(first, second), 0));
        }
        pass(Duration.ofMinutes(10));
        try (OpenLog log = open(LARGE).settle()) {
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(second), first));
            pass(Duration.ofMinutes(50));
            log.settle();
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), second));
        }
        assertThat(rows("topic") + rows("past") + rows("event")).isZero();
    }

    @Test
    void aClockThatIsSetBackBetweenRunsMakesNothingOlderOrYounger() throws IOException {
        long first;
        try (OpenLog log = open(LARGE)) {
            pass(Duration.ofMinutes(30));
            first = log.append("a");
        }
        millis -= Duration.ofDays(1).toMillis();
        try (OpenLog log = open(LARGE)) {
            long second = log.append("a");
            assertThat(second).isGreaterThan(first);
            nanos.addAndGet(Duration.ofMinutes(59).toNanos());
            log.settle();
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(first, second), 0));
            nanos.addAndGet(Duration.ofMinutes(2).toNanos());
            log.settle();
            assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), second));
        }
    }

    /** After a clock was far ahead, events still age, by the time in which the hub runs. */
    @Test
    void aClockThatWasAheadInOneRunDoesNoHarmLater() throws IOException {
        long right = millis;
        millis += Duration.ofDays(365).toMillis();
        try (OpenLog log = open(LARGE)) {
            log.append("a");
        }
        millis = right;
        try (OpenLog log = open(LARGE)) {
            log.append("a");
            assertThat(log.settle().read(START, "a").positions()).hasSize(2);
            nanos.addAndGet(Duration.ofMinutes(61).toNanos());
            assertThat(log.settle().read(START, "a").positions()).isEmpty();
        }
    }

    /** kill -9 leaves the files as they are. All that was acknowledged is in them. */
    @Test
    void whatWasAcknowledgedIsInTheFilesWithoutClosing() throws IOException {
        Path copy = folder.resolve("copy.db");
        try (OpenLog log = open(LARGE)) {
            for (int round = 0; round < 5; round++) {
                List<Added> added = IntStream.range(0, 300).mapToObj(i -> log.begin(new Update("t" + i % 40, "x"))).toList();
                List<Long> positions = added.stream().map(each -> Objects.requireNonNull(each.event()).position()).toList();
                OpenLog.run("cp", file.toString(), copy.toString());
                OpenLog.run("cp", file + "-wal", copy + "-wal");
                try (OpenLog copied = OpenLog.open(copy, LARGE)) {
                    Read read = copied.read(START, "*");
                    assertThat(read.positions()).hasSize(300 * (round + 1)).endsWith(positions.toArray(Long[]::new));
                    assertThat(read.lost()).isZero();
                }
            }
        }
    }

    private long rows(String table) throws IOException {
        try {
            return OpenLog.rows(file, table);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** A client can have seen events that an older copy of the file does not have. */
    @Test
    void idsThatAnOlderCopyNeverHadAreNotKnown() throws IOException {
        Path copy = folder.resolve("copy.db");
        long kept;
        long lost;
        try (OpenLog log = open(OpenLog.LARGE)) {
            kept = log.append(new Update("a", "kept"));
        }
        Files.copy(file, copy);
        try (OpenLog log = open(OpenLog.LARGE)) {
            lost = log.append(new Update("a", "lost"));
        }
        Files.copy(copy, file, StandardCopyOption.REPLACE_EXISTING);
        for (int run = 1; run <= 2; run++) {
            try (OpenLog log = OpenLog.startingAt(file, lost + 1_000 * run)) {
                assertThat(log.history.find(HubId.text(lost), _ -> true)).isEqualTo(History.UNKNOWN);
                log.append(new Update("b", "later"));
                assertThat(log.history.find(HubId.text(lost), _ -> true)).as("run %d", run).isEqualTo(History.UNKNOWN);
                assertThat(log.history.find(HubId.text(kept), _ -> true)).isEqualTo(kept);
            }
        }
    }
}
