package dev.ssehub.subscriber;

import java.util.ArrayList;
import java.util.List;

import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.Topic;

/**
 * Says of each event why a subscriber gets it, and where it has its place: the hub's own id, its topics, and those of the
 * subscription's selectors that have selected it. Without that, who shares one stream between several readers could not tell whose
 * an event is, nor who has it already.
 */
final class EventAnnotation {

    private final SelectorSet selectors;
    private final Entitlement entitlement;
    /** Of the selectors that need not be the name of a topic. */
    private final int selectorsSize;

    EventAnnotation(SelectorSet selectors, Entitlement entitlement) {
        this.selectors = selectors;
        this.entitlement = entitlement;
        this.selectorsSize = EventEncoder.maxSize("selector", "*")
                + selectors.templates().stream().mapToInt(template -> EventEncoder.maxSize("selector", template.text())).sum();
    }

    /** How many bytes it adds to an event at most; what it really is can take long to find out. */
    int maxSize(Event event) {
        int topics = event.topics().stream()
                .mapToInt(topic -> EventEncoder.maxSize("topic", topic) + EventEncoder.maxSize("selector", topic)).sum();
        return selectorsSize + topics + EventEncoder.maxSize("at", event.checkpoint());
    }

    /**
     * Adds the lines to be written before the event's frame, which make one frame with it. Called without any lock: templates are
     * tried. What all may know are the same bytes for all: many may be in the middle of them. Of something private, only the names
     * are told that the subscriber may know; but each selector that has selected it: alone, it would have been given the event.
     */
    void addTo(List<byte[]> frames, Event event) {
        frames.add(event.isPrivate() ? EventEncoder.place(event.checkpoint(), entitlement.known(event.topics())) : event.place());
        frames.add(EventEncoder.selectors(matching(event.topics())));
    }

    private List<String> matching(List<String> topics) {
        List<String> matching = new ArrayList<>();
        if (selectors.any()) {
            matching.add("*");
        }
        topics.stream().filter(selectors.exact()::contains).forEach(matching::add);
        if (!selectors.templates().isEmpty()) {
            List<Topic> normal = topics.stream().map(Topic::new).toList();
            selectors.templates().stream().filter(template -> normal.stream().anyMatch(template::matches))
                    .forEach(template -> matching.add(template.text()));
        }
        return matching;
    }
}
