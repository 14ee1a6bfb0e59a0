package dev.ssehub.feed;

/**
 * A source of events. It publishes on a thread of its own, until it is closed. While the history cannot take its events,
 * it waits, and reads nothing ({@link Source}).
 */
public interface Feed extends AutoCloseable {
    /**
     * Stops the feed and waits for its thread, but not longer than two seconds. A feed that hangs while it reads can publish once
     * more after that. Closing again does nothing.
     */
    @Override
    void close();
}
