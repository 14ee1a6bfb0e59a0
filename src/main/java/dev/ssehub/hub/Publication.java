package dev.ssehub.hub;

import dev.ssehub.event.Update;
import org.jspecify.annotations.Nullable;

/** An update on its way through the {@link Transport}. */
public final class Publication {

    private final Update update;
    private final SubscriberRegistry.@Nullable Matching matching;

    /** Creates the publication of an update that comes from another node. */
    public Publication(Update update) {
        this(update, null);
    }

    /** @param matching the matching templates, if the publisher's thread has found them already */
    Publication(Update update, SubscriberRegistry.@Nullable Matching matching) {
        this.update = update;
        this.matching = matching;
    }

    /** Returns the update. */
    public Update update() {
        return update;
    }

    SubscriberRegistry.@Nullable Matching matching() {
        return matching;
    }
}
