package dev.ssehub.hub;

import dev.ssehub.event.Update;
import org.jspecify.annotations.Nullable;

/**
 * An update on its way through the {@link Transport}.
 *
 * @param matching the matching templates, if they are already known; {@code null} for an update of another node
 */
public record Publication(Update update, SubscriberRegistry.@Nullable Matching matching) {

    /** Creates the publication of an update of another node. */
    public Publication(Update update) {
        this(update, null);
    }
}
