package dev.ssehub.metrics;

/** What has published an event: a client, a feed, or the hub itself, which publishes the changes of subscriptions. */
public enum PublishedBy implements Labelled {
    CLIENT, TIME_FEED, SYSTEM_FEED, LOG_FEED, STDIN_FEED, HUB;
}
