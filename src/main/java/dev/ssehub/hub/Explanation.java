package dev.ssehub.hub;

import java.util.List;

/**
 * Says of each event why a subscriber gets it, and where it has its place: the hub's own id, its topics, and those of the
 * subscription's selectors that have selected it. Without that, who shares one stream between several readers could not tell whose
 * an event is, nor who has it already.
 */
final class Explanation {

    private final List<TopicSelector> selectors;
    private final SelectorSet granted;
    /** Of those that need not be the name of a topic. */
    private final int selectorsSize;

    Explanation(Subscription subscription, SelectorSet granted) {
        this.selectors = subscription.selectors().stream().distinct().toList();
        this.granted = granted;
        this.selectorsSize = selectors.stream().filter(selector -> !(selector instanceof TopicSelector.Exact))
                .mapToInt(selector -> EventEncoder.maxSize("selector", selector.text())).sum();
    }

    /** How many bytes it adds to an event at most; what it really is can take long to find out. */
    int maxSize(Event event) {
        int topics = event.topics().stream()
                .mapToInt(topic -> EventEncoder.maxSize("topic", topic) + EventEncoder.maxSize("selector", topic)).sum();
        return selectorsSize + topics + EventEncoder.maxSize("at", event.checkpoint());
    }

    /**
     * Adds the lines to be written before the event's frame, which make one frame with it. Called without any lock: selectors are
     * tried. What all may know are the same bytes for all: many may be in the middle of them.
     */
    void addTo(List<byte[]> frames, Event event) {
        frames.add(event.isPrivate() ? EventEncoder.place(event.checkpoint(), granted(event.topics())) : event.place());
        frames.add(EventEncoder.selectors(selectors.stream()
                .filter(selector -> event.topics().stream().anyMatch(selector::matches)).map(TopicSelector::text).toList()));
    }

    /** Of something private, only the names are told that the subscriber may know. */
    private List<String> granted(List<String> topics) {
        return topics.stream().filter(topic -> granted.matchesAny(List.of(topic))).toList();
    }
}
