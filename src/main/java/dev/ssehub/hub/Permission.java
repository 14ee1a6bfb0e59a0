package dev.ssehub.hub;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a subscriber may have beyond what is for everyone, and how long it may subscribe at all.
 *
 * @param seePrivate
 *            the topics of which it may have private updates
 * @param expires
 *            when its stream ends, {@code null} for never
 */
public record Permission(List<TopicSelector> seePrivate, @Nullable Instant expires) {

    public Permission {
        seePrivate = List.copyOf(seePrivate);
    }
}
