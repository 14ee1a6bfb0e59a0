package dev.ssehub.metrics;

/**
 * What has published an event: a client, a feed, or the hub itself, which publishes the changes of subscriptions. Or anything on another
 * node of the hub.
 */
public enum PublishedBy implements Labelled {
    CLIENT, TIME_FEED, SYSTEM_FEED, LOG_FEED, RELAY_FEED, STDIN_FEED, ANSWERS_FEED, HUB, OTHER_NODE;
}
