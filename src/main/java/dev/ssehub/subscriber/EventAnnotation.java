package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.topic.SelectorSet;

/**
 * Adds lines to the events of a subscriber that asked for them: the checkpoint, the topics, and the subscriber's matching
 * selectors. A client that shares one stream among several readers uses them to find the readers that still need an event.
 *
 * @param selectorsSize the maximum size of the lines of all selectors that are not exact names, in bytes
 */
record EventAnnotation(SelectorSet selectors, int selectorsSize) {
    EventAnnotation(SelectorSet selectors) {
        this(selectors, EventEncoder.maxSize("selector", "*")
                + selectors.templates().stream().mapToInt(template -> EventEncoder.maxSize("selector", template.text())).sum());
    }

    /** Returns the maximum size of the lines for an event, in bytes. The exact size is slow to compute. */
    int maxSize(Event event) {
        int topics = event.topics().stream()
                .mapToInt(topic -> EventEncoder.maxSize("topic", topic) + EventEncoder.maxSize("selector", topic)).sum();
        int end = event.ends() ? EventEncoder.maxSize("end", "true") : 0;
        return selectorsSize + topics + EventEncoder.maxSize("at", event.checkpoint()) + end;
    }

    /**
     * Adds the lines that precede the event's frame. Called without a lock, because matching templates is slow. All subscribers
     * share the topic lines of a public event. The lines of a private event contain only the topics that the subscriber may know.
     * They contain all matching selectors, because each of them alone would also have received the event.
     */
    void addTo(List<byte[]> frames, Event event, Permission permission) {
        frames.add(event.isPrivate()
                ? EventEncoder.annotation(event.checkpoint(), permission.visible(event.topics()), event.ends())
                : event.annotation());
        frames.add(EventEncoder.selectors(selectors.matching(event.topics())));
    }
}
