package dev.ssehub.subscriber;

import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.topic.SelectorSet;
import java.util.List;

/**
 * Extra lines for the events of a subscriber that asked for them: the checkpoint, the topics, and those of its selectors that match.
 * A client that shares one stream among several readers needs them to know which reader an event is for, and who has it already.
 */
final class EventAnnotation {

    private final SelectorSet selectors;
    /** The bytes of all selectors that are not the name of a topic. */
    private final int selectorsSize;

    EventAnnotation(SelectorSet selectors) {
        this.selectors = selectors;
        this.selectorsSize = EventEncoder.maxSize("selector", "*")
                + selectors.templates().stream().mapToInt(template -> EventEncoder.maxSize("selector", template.text())).sum();
    }

    /** Returns an upper bound for the bytes that it adds to an event. The exact size takes long to find out. */
    int maxSize(Event event) {
        int topics = event.topics().stream()
                .mapToInt(topic -> EventEncoder.maxSize("topic", topic) + EventEncoder.maxSize("selector", topic)).sum();
        return selectorsSize + topics + EventEncoder.maxSize("at", event.checkpoint());
    }

    /**
     * Adds the lines that go in front of the event's frame and form one frame with it. Called without a lock, because templates are
     * matched. For a public event, all subscribers share the bytes. Of a private event's topics, only those are told that the
     * subscriber may know; but all matching selectors are told: each of them alone would have received the event, too.
     */
    void addTo(List<byte[]> frames, Event event, Permission permission) {
        frames.add(event.isPrivate()
                ? EventEncoder.annotation(event.checkpoint(), permission.visible(event.topics()))
                : event.annotation());
        frames.add(EventEncoder.selectors(selectors.matching(event.topics())));
    }
}
