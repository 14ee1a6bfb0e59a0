package dev.ssehub.hub;

import java.util.ArrayList;
import java.util.List;

/**
 * Says of each event why a subscriber gets it, and where it has its place: the hub's own id, its topics, and those of the
 * subscription's selectors that have selected it. Without that, who shares one stream between several readers could not tell whose
 * an event is, nor who has it already.
 */
final class Explanation {

    private final List<TopicSelector> selectors;
    private final SelectorSet granted;
    private final int selectorsSize;

    Explanation(Subscription subscription, SelectorSet granted) {
        this.selectors = subscription.selectors().stream().distinct().toList();
        this.granted = granted;
        this.selectorsSize = selectors.stream().mapToInt(selector -> EventEncoder.maxSize("selector", selector.text())).sum();
    }

    /** How many bytes it adds to an event at most; what it really is can take long to find out. */
    int maxSize(Event event) {
        return selectorsSize + EventEncoder.maxSize("at", event.checkpoint())
                + event.topics().stream().mapToInt(topic -> EventEncoder.maxSize("topic", topic)).sum();
    }

    /** The event's frame with the explanation. Called without any lock: selectors are tried. */
    byte[] frame(Event event) {
        List<EventEncoder.Field> fields = new ArrayList<>();
        fields.add(new EventEncoder.Field("at", event.checkpoint()));
        for (String topic : event.topics()) {
            // of something private, only the names are told that the subscriber may know
            if (!event.isPrivate() || granted.matchesAny(List.of(topic))) {
                fields.add(new EventEncoder.Field("topic", topic));
            }
        }
        for (TopicSelector selector : selectors) {
            if (event.topics().stream().anyMatch(selector::matches)) {
                fields.add(new EventEncoder.Field("selector", selector.text()));
            }
        }
        return EventEncoder.prepend(fields, event.frame());
    }
}
