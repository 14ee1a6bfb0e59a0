package dev.ssehub.history;

import module java.base;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.metrics.EvictionReason;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;

/** What every history does. */
public abstract class HistoryContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final List<String> TOPICS = List.of("a", "run/1", "run/2", "run/1/log", "b%20c");
    private static final List<List<String>> SELECTIONS = List.of(List.of("a"), List.of("run/1", "b%20c"), List.of("*"),
            List.of("run/{id}"), List.of("{+any}"), List.of("b{x}", "a"), List.of("run/{id}/log", "none"), List.of("none"));
    private static final long START = HubId.position(1_000, 0);

    protected final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000_000); // System.nanoTime can overflow at any time
    protected final Set<History> opened = new HashSet<>();

    /** Opens an empty history. */
    protected abstract History open(Limits limits) throws IOException;

    /** Waits until the history has given up all that it must. */
    protected void settle(History history) {
        history.evict();
    }

    @AfterTry
    void closeAll() {
        opened.forEach(History::close);
        opened.clear();
    }

    private History start(Limits limits) {
        try {
            History history = open(limits);
            opened.add(history);
            history.start(START);
            return history;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private History start(int maxEvents, TopicRule... rules) {
        return start(new Limits(maxEvents, HOUR, 1 << 20, List.of(rules)));
    }

    /** An update on its way, which remembers whether it was delivered. */
    private static final class Added extends Addition {
        private @org.jspecify.annotations.Nullable Event event;

        Added(long position, Update update) {
            super(position, update);
        }

        @Override
        protected void added(Event event) {
            this.event = event;
        }
    }

    /** Appends an update and returns its event, or {@code null} if it is a repetition. */
    private static Event append(History history, Update update) {
        Added added = new Added(history.newest() + 1, update);
        history.append(List.of(added));
        added.await();
        return added.event;
    }

    private static Event append(History history, String topic) {
        return append(history, new Update(topic, "x"));
    }

    private static Event append(History history, String topic, String id) {
        return append(history, new Update(List.of(topic), "x", null, id, null, false));
    }

    private static SelectorSet selectors(List<String> selectors) {
        return SelectorSet.of(selectors.stream().map(TopicSelector::parse).toList());
    }

    /** What a client receives that reads from a position to the end. */
    private record Read(List<Event> events, long lost) {
        List<Long> positions() {
            return events.stream().map(Event::position).toList();
        }
    }

    private Read read(History history, long after, int maxSize, List<String> selectors) {
        settle(history);
        long told = -1;
        long position = after;
        long lost = 0;
        List<Event> events = new ArrayList<>();
        Selection selection = history.select(selectors(selectors), position, told);
        for (int reads = 0; reads < 10_000; reads++) {
            Slice slice = history.read(new Query(position, told, selection, _ -> true, Event::size, maxSize));
            events.addAll(slice.events());
            lost = Math.max(lost, slice.lost());
            assertThat(slice.upTo()).isGreaterThanOrEqualTo(position);
            if (slice.atEnd()) {
                assertThat(slice.upTo()).isEqualTo(history.newest());
                return new Read(events, lost);
            }
            told = slice.told();
            position = slice.upTo();
        }
        throw new AssertionError("the end is never reached");
    }

    private Read read(History history, long after, String... selectors) {
        return read(history, after, 8_192, List.of(selectors));
    }

    private static Limits randomLimits(Random random) {
        TopicRule runs = new TopicRule(TopicSelector.parse("run/{id}"), random.nextInt(5),
                Duration.ofMillis(1 + random.nextInt(20)), random.nextBoolean() ? 400L : null);
        TopicRule a = new TopicRule(TopicSelector.parse("a"), 100, HOUR, null);
        List<TopicRule> rules = random.nextBoolean() ? List.of(runs) : List.of(a, runs);
        return new Limits(random.nextInt(31), Duration.ofMillis(40), 1_500, rules);
    }

    /**
     * The model is a list of all events. Each topic holds the newest of its events, and nothing is lost silently, also when the limits
     * change.
     */
    @Property(tries = 100)
    void everySelectionGetsWhatItsTopicsHoldOrIsTold(@ForAll Random random, @ForAll @IntRange(max = 3) int changes) {
        Limits limits = randomLimits(random);
        History history = start(limits);
        List<Event> all = new ArrayList<>();
        Set<Event> missed = new HashSet<>(); // other nodes had them
        for (int step = 0; step < 60; step++) {
            if (random.nextInt(40) == 0) {
                all.add(new Event(history.newest() + 1, null, 0, TOPICS, false, false, new byte[0]));
                missed.add(all.getLast());
                history.lose(all.getLast().position());
                assertThat(history.newest()).isEqualTo(all.getLast().position());
            }
            now.addAndGet(1_000_000L * random.nextInt(3));
            List<String> topics = random.ints(random.nextInt(8) == 0 ? 3 : 1, 0, TOPICS.size()).mapToObj(TOPICS::get).toList();
            Update update = new Update(topics, "x".repeat(random.nextInt(60)), null, null, null, random.nextBoolean());
            all.add(append(history, random.nextInt(3) == 0 ? update.ending() : update));
            if (random.nextInt(6) == 0) {
                settle(history);
                TOPICS.forEach(topic -> assertEnd(history, topic, all, missed));
            }
            if (random.nextInt(60) < changes) {
                limits = randomLimits(random);
                history.apply(limits);
            }
        }
        for (List<String> selectors : SELECTIONS) {
            SelectorSet set = selectors(selectors);
            long after = random.nextInt(4) == 0 ? START : all.get(random.nextInt(all.size())).position();
            Read read = read(history, after, 1 + random.nextInt(500), selectors);
            List<Event> wanted = all.stream().filter(event -> event.position() > after && set.matchesAny(event.topics()))
                    .toList();
            assertThat(read.events()).extracting(Event::position).isSorted().doesNotHaveDuplicates();
            assertThat(wanted).extracting(Event::position).containsAll(read.positions());
            OptionalLong missing = wanted.stream().mapToLong(Event::position).filter(p -> !read.positions().contains(p)).max();
            assertThat(read.lost()).as("%s after %d", selectors, after).isGreaterThanOrEqualTo(missing.orElse(0));
        }
        for (String topic : TOPICS) {
            List<Event> held = read(history, START, topic).events();
            List<Event> ofTopic = all.stream().filter(event -> event.topics().contains(topic) && !missed.contains(event))
                    .toList();
            assertThat(held).extracting(Event::position).as("the newest of %s", topic)
                    .isEqualTo(
                            ofTopic.subList(ofTopic.size() - held.size(), ofTopic.size()).stream().map(Event::position).toList());
            assertThat(held.size()).isLessThanOrEqualTo(
                    topic.matches("run/\\d") ? limits.rules().getLast().maxEvents() : limits.maxEvents());
            assertEnd(history, topic, all, missed);
        }
    }

    /** A topic has ended if the newest event that it holds ends it, and no later one is missing. */
    private void assertEnd(History history, String topic, List<Event> all, Set<Event> missed) {
        List<Event> held = read(history, START, topic).events();
        Event newest = held.isEmpty() ? null : held.getLast();
        boolean ended = newest != null && newest.ends()
                && missed.stream().noneMatch(event -> event.position() > newest.position());
        Event end = history.endOf(topic);
        assertThat(end == null ? 0 : end.position()).as("the end of %s", topic).isEqualTo(ended ? newest.position() : 0);
        if (end != null) {
            assertThat(end.topics()).isEqualTo(newest.topics());
            assertThat(end.isPrivate()).isEqualTo(newest.isPrivate());
            assertThat(end.frame()).as("its content is not needed").isEmpty();
        }
    }

    @Example
    void aTopicEndsUntilItsNextEvent() {
        History history = start(100);
        SelectorSet both = selectors(List.of("a", "b"));
        append(history, new Update("a", "x").ending());
        assertThat(history.positionOfLastEnd(both, _ -> true)).as("b goes on").isEqualTo(History.UNKNOWN);
        Event end = append(history, new Update(List.of("b", "c"), "x", null, null, null, false).ending());
        assertThat(history.positionOfLastEnd(both, _ -> true)).isEqualTo(end.position());
        Event again = append(history, new Update("a", "x").ending());
        assertThat(history.positionOfLastEnd(both, _ -> true)).as("ended again").isEqualTo(again.position());
        append(history, "a");
        assertThat(history.endOf("a")).as("opened again").isNull();
        assertThat(history.positionOfLastEnd(both, _ -> true)).isEqualTo(History.UNKNOWN);
    }

    @Example
    void templatesAndPrivateEndsAreNoEnd() {
        History history = start(100);
        Event a = append(history, new Update("a", "x").ending());
        Event b = append(history, new Update(List.of("b"), "x", null, null, null, true).ending());
        assertThat(history.positionOfLastEnd(selectors(List.of("a", "b")), _ -> true)).isEqualTo(b.position());
        assertThat(history.positionOfLastEnd(selectors(List.of("a", "b")), event -> !event.isPrivate()))
                .isEqualTo(History.UNKNOWN);
        assertThat(history.positionOfLastEnd(selectors(List.of("a")), event -> !event.isPrivate())).isEqualTo(a.position());
        for (String open : List.of("*", "{x}", "c")) {
            assertThat(history.positionOfLastEnd(selectors(List.of("a", open)), _ -> true)).as(open).isEqualTo(History.UNKNOWN);
        }
        assertThat(history.positionOfLastEnd(selectors(List.of()), _ -> true)).isEqualTo(History.UNKNOWN);
        Runnable removal = history.forget("b");
        assertThat(history.endOf("b")).as("before it is removed").isNull();
        removal.run();
        assertThat(history.endOf("b")).isNull();
        now.addAndGet(HOUR.toNanos() + 1_000_000);
        settle(history);
        assertThat(history.endOf("a")).as("too old").isNull();
    }

    @Example
    void whatIsMissingIsToldWithoutGivingUpWhatIsHeld() {
        History history = start(100);
        long first = append(history, "a").position();
        history.lose(first + 10);
        long last = append(history, "a").position();
        for (String selector : List.of("a", "{x}", "*", "none", "{+any}/none")) {
            assertThat(read(history, START, selector).lost()).as(selector).isEqualTo(first + 10);
            assertThat(read(history, first, selector).lost()).as(selector).isEqualTo(first + 10);
            assertThat(read(history, first + 10, selector).lost()).as(selector).isZero();
        }
        assertThat(read(history, START, "a").positions()).containsExactly(first, last);
    }

    /** Another part of the hub has found out that they are no repetitions, and how old they are. */
    @Example
    void takesEventsOfOtherNodes() {
        History history = start(new Limits(100, Duration.ofMillis(10), 1 << 20));
        List<Event> added = new ArrayList<>();
        List<Addition> additions = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            additions.add(new Addition(START + i, new Update(List.of("a"), "x", null, "same", null, false)) {
                @Override
                public long ageMillis() {
                    return position() == START + 1 ? 20 : 5;
                }

                @Override
                public boolean mayBeRepetition() {
                    return false;
                }

                @Override
                protected void added(Event event) {
                    added.add(event);
                }
            });
        }
        history.append(additions);
        additions.forEach(Addition::await);
        assertThat(added).extracting(Event::position).containsExactly(START + 1, START + 2, START + 3);
        assertThat(read(history, START, "a").positions()).as("the first one is too old").containsExactly(START + 2, START + 3);
    }

    @Example
    void limitsNumberAgeAndBytes() {
        History history = start(new Limits(5, Duration.ofMillis(10), 1_000));
        for (int i = 0; i < 8; i++) {
            append(history, "a");
        }
        assertThat(read(history, START, "a").events()).hasSize(5);
        append(history, new Update("a", "x".repeat(900)));
        assertThat(read(history, START, "a").events()).as("by bytes").hasSize(1);
        now.addAndGet(11_000_000);
        Read read = read(history, START, "a");
        assertThat(read.events()).as("by age").isEmpty();
        assertThat(read.lost()).isEqualTo(history.newest());
        append(history, new Update("a", "x".repeat(2_000)));
        assertThat(read(history, START, "a").events()).as("too large").isEmpty();
    }

    @Example
    void countsWhatItHoldsAndWhyItGivesEventsUp() {
        History history = start(new Limits(5, Duration.ofMillis(100), 10_000));
        assertThat(history.status()).isEqualTo(new HistoryStatus(0, 0, 0, 0, evicted(0, 0, 0), true));
        long bytes = 0;
        for (int i = 0; i < 7; i++) {
            bytes += i < 2 ? 0 : append(history, i % 2 == 0 ? "a" : "b").size();
            if (i == 1) {
                append(history, "a");
                append(history, "b");
            }
        }
        settle(history);
        now.addAndGet(30_000_000);
        assertThat(history.status()).isEqualTo(new HistoryStatus(2, 5, bytes, 30, evicted(2, 0, 0), true));

        append(history, new Update(List.of("a", "b"), "both", null, null, null, false));
        settle(history);
        assertThat(history.status().events()).as("an event counts in each of its topics").isEqualTo(5);
        history.forget("a").run();
        HistoryStatus left = history.status();
        assertThat(left.topics()).isEqualTo(1);
        assertThat(left.evicted()).isEqualTo(evicted(4, 0, 5 - left.events()));
        assertThat(left.ageMillis()).as("the oldest event of the topics that are left").isEqualTo(30);

        now.addAndGet(80_000_000);
        settle(history);
        assertThat(history.status().ageMillis()).as("of the event that came last").isEqualTo(80);
        now.addAndGet(30_000_000);
        settle(history);
        assertThat(history.status())
                .isEqualTo(new HistoryStatus(0, 0, 0, 0, evicted(4, left.events(), 5 - left.events()), true));
    }

    private static Map<EvictionReason, Long> evicted(long full, long age, long forgotten) {
        return Map.of(EvictionReason.FULL, full, EvictionReason.AGE, age, EvictionReason.FORGOTTEN, forgotten,
                EvictionReason.FILE_LOST, 0L);
    }

    @Example
    void newLimitsTakeEffectAtOnce() {
        History history = start(10_000);
        for (int i = 0; i < 5_000; i++) {
            append(history, i % 2 == 0 ? "a" : "run/" + i % 1_000);
        }
        history.apply(new Limits(3_000, HOUR, 1 << 20, List.of(new TopicRule(TopicSelector.parse("run/{id}"), 1, HOUR, null))));
        assertThat(read(history, START, "run/{id}").events()).hasSize(500);
        assertThat(read(history, START, "a").events()).hasSize(2_500);
        history.apply(new Limits(10, HOUR, 1 << 20));
        assertThat(read(history, START, "*").events()).hasSize(10);
        assertThat(read(history, START, "run/1").lost()).isPositive();
        history.apply(new Limits(100, HOUR, 1 << 20));
        for (int i = 0; i < 500; i++) {
            append(history, "b");
        }
        assertThat(read(history, START, "*").events()).hasSize(100);
        history.apply(new Limits(0, HOUR, 1 << 20));
        append(history, "c");
        assertThat(read(history, START, "*").events()).isEmpty();
        assertThat(read(history, START, "*").lost()).isEqualTo(history.newest());
    }

    @Example
    void theTopicThatHoldsMostGivesWay() {
        History history = start(100);
        append(history, "quiet");
        for (int i = 0; i < 500; i++) {
            append(history, "noisy");
        }
        assertThat(read(history, START, "quiet")).satisfies(read -> assertThat(read.events()).hasSize(1),
                read -> assertThat(read.lost()).isZero());
        assertThat(read(history, START, "noisy").events()).hasSize(99);
        assertThat(read(history, START, "noisy").lost()).isEqualTo(START + 402);
        assertThat(read(history, START + 402, "noisy").lost()).isZero();
        assertThat(read(history, START, "quiet", "none").lost()).as("no topic was forgotten").isZero();
    }

    @Example
    void aRuleWithABudgetCannotEvictOtherTopics() {
        TopicRule runs = new TopicRule(TopicSelector.parse("run/{id}"), 1_000, HOUR, 20_000L);
        History history = start(100, runs);
        append(history, "a");
        for (int i = 0; i < 3_000; i++) {
            append(history, "run/" + i % 1_000);
        }
        assertThat(read(history, START, "a").lost()).isZero();
        int held = read(history, START, "run/{id}").events().size();
        assertThat(held).isBetween(200, 300);
        for (int i = 0; i < 200; i++) {
            append(history, "b");
        }
        assertThat(read(history, START, "run/{id}").events()).as("nor the other way round").hasSize(held);
        assertThat(read(history, START, "a").events()).hasSize(1);
    }

    @Example
    void theFirstRuleThatMatchesCounts() {
        History history = start(100, new TopicRule(TopicSelector.parse("run/1"), 2, HOUR, null),
                new TopicRule(TopicSelector.parse("run/{id}"), 4, Duration.ofMillis(5), null),
                new TopicRule(TopicSelector.parse("none"), 0, HOUR, null));
        for (int i = 0; i < 10; i++) {
            for (String topic : List.of("run/1", "run/2", "none", "other")) {
                append(history, topic);
            }
        }
        assertThat(List.of("run/1", "run/2", "none", "other").stream()
                .collect(toMap(topic -> topic, topic -> read(history, START, topic).events().size())))
                .isEqualTo(Map.of("run/1", 2, "run/2", 4, "none", 0, "other", 10));
        now.addAndGet(6_000_000);
        assertThat(read(history, START, "run/2").events()).isEmpty();
        assertThat(read(history, START, "run/1").events()).hasSize(2);
        assertThat(read(history, START, "none").lost()).isEqualTo(history.newest() - 1);
    }

    /** A topic that has lost its whole past and has a new one must not hide the loss. */
    @Example
    void aForgottenTopicThatComesBackTellsItsLoss() {
        History history = start(new Limits(100, Duration.ofMillis(10), 1 << 20));
        long first = append(history, "a").position();
        now.addAndGet(11_000_000);
        settle(history);
        append(history, "a");
        assertThat(read(history, START, "a").lost()).isEqualTo(first);
        assertThat(read(history, START, "{x}").lost()).isEqualTo(first);
        assertThat(read(history, first, "a").lost()).isZero();
    }

    @Example
    void anEventOfSeveralTopicsIsHeldWhileOneOfThemHoldsIt() {
        History history = start(100, new TopicRule(TopicSelector.parse("short"), 1, HOUR, null));
        append(history, new Update(List.of("short", "long"), "1", null, "urn:1", null, false));
        append(history, "short");
        assertThat(read(history, START, "long").events()).hasSize(1);
        assertThat(read(history, START, "*").events()).hasSize(2);
        assertThat(read(history, START, "short").events()).hasSize(1);
        assertThat(append(history, "short", "urn:1")).as("the event is still held").isNull();
    }

    @Example
    void forgetsTheEventsOfATopic() {
        History history = start(100);
        append(history, "a", "urn:1");
        append(history, "b");
        append(history, new Update(List.of("a", "b"), "both", null, null, null, false));
        history.forget("a").run();
        history.forget("none").run();
        assertThat(read(history, START, "a").events()).isEmpty();
        assertThat(read(history, START, "a").lost()).isEqualTo(START + 3);
        assertThat(read(history, START, "b").events()).as("an event that another topic holds stays there").hasSize(2);
        assertThat(append(history, "a", "urn:1")).isNotNull();
        assertThat(read(history, START, "a").events()).hasSize(1);
    }

    @Example
    void startsWithTheNewestEvents() {
        History history = start(1_000);
        for (int i = 0; i < 3_000; i++) {
            append(history, i % 10 == 0 ? "a" : i % 10 == 1 ? "b" : "other");
        }
        for (List<String> selectors : List.of(List.of("a"), List.of("a", "b"), List.of("*"), List.of("{x}"))) {
            for (int count : List.of(1, 7, 50)) {
                long before = history.beforeLast(count, history.select(selectors(selectors), 0, -1), _ -> true);
                assertThat(read(history, before, 8_192, selectors).events()).as("%s", selectors).hasSize(count);
            }
        }
        long before = history.beforeLast(5_000, history.select(selectors(List.of("a")), 0, -1), _ -> true);
        assertThat(read(history, before, "a").events()).isEqualTo(read(history, START, "a").events());
        assertThat(history.beforeLast(3, history.select(selectors(List.of("a")), 0, -1), _ -> false)).isEqualTo(START);
    }

    @Example
    void findsTheIdsOfTheHub() {
        History history = start(2);
        for (int i = 0; i < 5; i++) {
            append(history, "a");
        }
        settle(history);
        for (long position = START; position <= START + 5; position++) {
            assertThat(history.find(HubId.text(position), _ -> false)).as("also if the event is given up").isEqualTo(position);
        }
        for (String id : List.of(HubId.text(START - 1), HubId.text(START + 6), "urn:1", "0-0", "99999999999999-0", "1000-1048576",
                "01000-0")) {
            assertThat(history.find(id, _ -> true)).as(id).isEqualTo(History.UNKNOWN);
        }
    }

    /** A client that has one of the events must not be taken for a client that has the other. */
    @Example
    void anAmbiguousIdIsNotFound() {
        History history = start(3);
        append(history, "t", "urn:a");
        append(history, "t", "urn:b");
        append(history, "u", "urn:a");
        assertThat(find(history, "urn:a")).as("two events have it").isEqualTo(History.UNKNOWN);
        assertThat(find(history, "urn:b")).isEqualTo(START + 2);
        append(history, "t", "urn:c");
        assertThat(find(history, "urn:a")).as("the other event is given up").isEqualTo(History.UNKNOWN);
        append(history, "t", "urn:d");
        assertThat(find(history, "urn:b")).as("its event is given up").isEqualTo(START + 2);
        append(history, "t", "urn:b");
        assertThat(find(history, "urn:b")).as("used again").isEqualTo(History.UNKNOWN);
    }

    /** The model is a list of all events that were ever appended: an id is found only if no other event has it. */
    @Property(tries = 60)
    void anIdIsFoundOnlyIfOneEventHasIt(@ForAll @Size(max = 40) List<@IntRange(max = 8) Integer> ids,
            @ForAll @IntRange(max = 12) int maxEvents) {
        History history = start(maxEvents);
        Map<Long, String> used = new HashMap<>();
        for (int id : ids) {
            Event event = append(history, "t" + id % 2, "urn:" + id / 2);
            boolean isHeld = read(history, START, "t" + id % 2).events().stream()
                    .anyMatch(held -> held.id().equals("urn:" + id / 2));
            assertThat(event != null || isHeld).as("only an event that is held can be repeated").isTrue();
            if (event != null) {
                used.put(event.position(), event.id());
            }
            for (String own : Set.copyOf(used.values())) {
                long found = find(history, own);
                boolean unique = Collections.frequency(used.values(), own) == 1;
                assertThat(found == History.UNKNOWN).as("%s in %s", own, used).isEqualTo(!unique || maxEvents == 0);
                assertThat(found == History.UNKNOWN || own.equals(used.get(found))).isTrue();
            }
        }
    }

    @Example
    void aSubscriberWithoutPermissionDoesNotFindAnEventByThePublishersId() {
        History history = start(1);
        append(history, new Update(List.of("t"), "x", null, "urn:secret", null, true));
        for (int i = 0; i < 2; i++) {
            assertThat(history.find("urn:secret", _ -> false)).isEqualTo(History.UNKNOWN);
            assertThat(history.find("urn:secret", event -> event.isPrivate() && event.topics().equals(List.of("t"))))
                    .isEqualTo(START + 1);
            append(history, "t"); // and now it is given up
        }
    }

    /** The topics of an event need memory, too. */
    @Example
    void topicsCountAsBytes() {
        Update update = new Update(List.of("x".repeat(1_000), "y".repeat(1_000)), "", null, null, null, false);
        assertThat(Event.of(update, 1, 0, update.topics()).size()).isGreaterThan(2_000);
    }

    /** Also if the selectors match so many topics that all events are tried. */
    @Example
    void anEventIsNotReadThroughATopicThatHasForgottenIt() {
        History history = start(10_000);
        append(history, new Update(List.of("run/1", "other"), "secret", null, null, null, false));
        for (int i = 0; i < 300; i++) {
            append(history, "run/" + (2 + i % 100));
        }
        history.forget("run/1").run();
        for (String selector : List.of("run/{id}", "r{+x}", "run/1")) {
            assertThat(read(history, START, selector).events()).as(selector).extracting(Event::position)
                    .doesNotContain(START + 1);
            long before = history.beforeLast(1_000, history.select(selectors(List.of(selector)), 0, -1), _ -> true);
            assertThat(read(history, before, selector).events()).as("last of %s", selector).extracting(Event::position)
                    .doesNotContain(START + 1);
        }
        assertThat(read(history, START, "other").events()).hasSize(1);
        assertThat(read(history, START, "{+x}").events()).hasSize(301);
    }

    /** The reader has looked up the topics of its template before the topic appears. */
    @Example
    void aTopicThatAppearsDuringACatchUpTellsItsLoss() {
        History history = start(100);
        for (int i = 0; i < 40; i++) {
            append(history, "t/" + i % 4);
        }
        Selection selection = history.select(selectors(List.of("t/{id}")), START, -1);
        Slice slice = history.read(new Query(START, -1, selection, _ -> true, Event::size, 500));
        assertThat(slice.events()).hasSizeBetween(1, 20);
        for (int i = 0; i < 300; i++) {
            append(history, "t/new"); // gives up its own oldest events
        }
        settle(history);
        long lost = slice.lost();
        Set<Long> received = new HashSet<>(slice.events().stream().map(Event::position).toList());
        while (!slice.atEnd()) {
            slice = history.read(new Query(slice.upTo(), slice.told(), selection, _ -> true, Event::size, 500));
            slice.events().forEach(event -> received.add(event.position()));
            lost = Math.max(lost, slice.lost());
        }
        long missing = LongStream.rangeClosed(START + 1, START + 340).filter(position -> !received.contains(position)).max()
                .orElse(0);
        assertThat(missing).isGreaterThan(START + 40);
        assertThat(lost).isGreaterThanOrEqualTo(missing);
    }

    /** A reader that looks at many events that it does not want gives other threads a turn. */
    @Example
    void aReadIsLimited() {
        History history = start(10_000);
        for (int i = 0; i < 5_000; i++) {
            append(history, "{x}y" + i);
        }
        append(history, "z");
        Selection selection = history.select(selectors(List.of("*")), START, -1);
        settle(history);
        Slice slice = history.read(new Query(START, -1, selection, event -> event.topics().contains("z"), Event::size, 8_192));
        assertThat(slice.events()).isEmpty();
        assertThat(slice.atEnd()).isFalse();
        assertThat(slice.upTo()).isBetween(START + 1, START + 2_000);
        assertThat(read(history, START, "{any}").events()).hasSize(1);
    }

    private long find(History history, String id) {
        settle(history);
        return history.find(id, _ -> true);
    }
}
