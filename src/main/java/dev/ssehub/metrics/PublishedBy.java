package dev.ssehub.metrics;

import module java.base;

/** What has published an event: a client, a feed, or the hub itself, which publishes the changes of subscriptions. */
public enum PublishedBy {
    CLIENT, TIME_FEED, SYSTEM_FEED, LOG_FEED, STDIN_FEED, HUB;

    /** Returns the name in lower case, with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
