package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TimeSlice;
import dev.ssehub.topic.Topic;
import dev.ssehub.topic.UriTemplate;
import org.jspecify.annotations.Nullable;

/**
 * The way to the events of a subscriber's selectors. The history looks up exact topics, and the topics that templates match. If
 * there are too many topics, it tries one event after another. Immutable.
 */
public final class Selection {
    // Finding the topics of a template takes longer than a read, so it is done once, without the lock of the history. Topics that
    // appear later have only events after the horizon. From the horizon on, the history tries one event after another. What these
    // topics lose is noticed there, so the losses since the search count again.

    private static final int MAX_TOPICS = 10_000;

    private final SelectorSet selectors;
    private final @Nullable List<TopicPast> matched;
    private final long horizon;
    private final long lost;
    private final long told;

    private Selection(SelectorSet selectors, @Nullable List<TopicPast> matched, long horizon, long lost, long told) {
        this.selectors = selectors;
        this.matched = matched;
        this.horizon = horizon;
        this.lost = lost;
        this.told = told;
    }

    /** Returns a selection without a search: if there are templates, one event after another is tried. */
    public static Selection withoutSearch(SelectorSet selectors) {
        boolean exact = selectors.templates().isEmpty() && !selectors.any();
        return new Selection(selectors, exact ? List.of() : null, exact ? Long.MAX_VALUE : 0, 0, History.UNKNOWN);
    }

    /** What the history knows when the search for topics begins: newest position, number of losses, a loss, number of events. */
    public record Before(long newest, long losses, long lost, long events) {
        /** Called with the lock of the history held. */
        public static Before of(SelectorSet selectors, Retention retention, long newest, long after, long told) {
            long exact = selectors.exact().stream().mapToLong(topic -> lostOf(retention, topic, after, told)).max().orElse(0);
            return new Before(newest, retention.losses(), Math.max(exact, retention.lostOfForgotten(after, told)),
                    retention.events());
        }
    }

    /**
     * Finds the topics. Called without the lock of the history.
     *
     * @param eventsPerTopic the number of events that can be tried in the time that it takes to look into one topic, times the
     *     number of events that one read returns
     */
    public static Selection of(SelectorSet selectors, Retention retention, Before before, long after, long told,
            long eventsPerTopic) {
        if (selectors.any() || selectors.templates().isEmpty()) {
            return withoutSearch(selectors);
        }
        Set<TopicPast> matched = new HashSet<>();
        long lost = before.lost();
        long events = 0;
        TimeSlice slice = new TimeSlice();
        for (UriTemplate template : selectors.templates()) {
            for (TopicPast past : retention.startingWith(template.prefix())) {
                slice.pauseIfOver();
                if (template.matches(new Topic(past.topic()))) {
                    lost = Math.max(lost, past.lostAfter(after, told));
                    if (matched.size() <= MAX_TOPICS && matched.add(past)) {
                        events += past.events();
                    }
                }
            }
        }
        // each read looks into all topics, so it is faster to try all events if many topics have many of them
        boolean fits = matched.size() <= MAX_TOPICS && events * matched.size() <= eventsPerTopic * Math.max(1, before.events());
        return new Selection(selectors, fits ? List.copyOf(matched) : null, fits ? before.newest() : 0, lost, before.losses());
    }

    public SelectorSet selectors() {
        return selectors;
    }

    /** Returns whether the events after a position are found by their topics, and not by trying one event after another. */
    public boolean usesTopics(long after) {
        return after < horizon;
    }

    /** Returns the position up to which {@link #topics} has all topics. */
    public long horizon() {
        return horizon;
    }

    /** Returns the topics that have a past. Called with the lock of the history held. */
    public List<TopicPast> topics(Retention retention) {
        Stream<TopicPast> exact = Stream.concat(selectors.exact().stream(), selectors.templates().stream().map(UriTemplate::text))
                .map(retention::find).filter(Objects::nonNull).map(TopicPast.class::cast);
        return Stream.concat(exact, Objects.requireNonNull(matched).stream().filter(past -> past.events() > 0)).distinct()
                .toList();
    }

    /** Returns the number of losses that the subscriber knows about after a read up to a position. Called like {@link #topics}. */
    public long told(Retention retention, long upTo, boolean atEnd) {
        return upTo == horizon && !atEnd ? told : retention.losses();
    }

    /**
     * Returns the position of the newest event that is lost and that the subscriber must be told about, or 0. Called like
     * {@link #topics}.
     *
     * @param upTo the position up to which was read
     */
    public long lost(Retention retention, long after, long toldBefore, long upTo) {
        return Math.max(retention.holes().at(after), lostOfTopics(retention, after, toldBefore, upTo));
    }

    private long lostOfTopics(Retention retention, long after, long toldBefore, long upTo) {
        long since = Math.max(toldBefore, told);
        long first = toldBefore < told && lost > after ? lost : 0;
        if (matched == null || upTo > horizon) {
            return Math.max(first, lostOfAny(retention, after, after < horizon ? told : since));
        }
        long exact = selectors.exact().stream().mapToLong(topic -> lostOf(retention, topic, after, toldBefore)).max().orElse(0);
        if (selectors.templates().isEmpty()) {
            return exact;
        }
        long ofTemplates = matched.stream().mapToLong(past -> past.lostAfter(after, since)).max().orElse(0);
        long newest = LongStream.of(first, exact, ofTemplates, retention.lostOfForgotten(after, toldBefore)).max().orElse(0);
        return Math.min(newest, horizon) > after ? Math.min(newest, horizon) : 0;
    }

    /** Returns the newest position after {@code after} that a reader of all topics has lost, or 0. */
    private static long lostOfAny(Retention retention, long after, long told) {
        return retention.newestLost() > after && retention.losses() > told ? retention.newestLost() : 0;
    }

    /** Returns the newest position after {@code after} that was lost of a topic, or 0. */
    private static long lostOf(Retention retention, String topic, long after, long told) {
        TopicPast past = retention.find(topic);
        long ofTopic = past != null ? past.lostAfter(after, told) : retention.ruleOf(topic).lostAfter(after, told);
        return Math.max(retention.holes().older(after, told), ofTopic);
    }
}
