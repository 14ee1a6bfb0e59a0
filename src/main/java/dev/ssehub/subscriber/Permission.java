package dev.ssehub.subscriber;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.ssehub.topic.TopicSelector;

/**
 * What a subscriber may have beyond what is for everyone, and how long it may subscribe at all.
 *
 * @param seePrivate the topics of which it may have private updates
 * @param expires when its stream ends, {@code null} for never
 */
public record Permission(List<TopicSelector> seePrivate, @Nullable Instant expires) {

    public Permission {
        seePrivate = List.copyOf(seePrivate);
    }
}
