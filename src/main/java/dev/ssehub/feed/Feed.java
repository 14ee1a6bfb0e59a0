package dev.ssehub.feed;

/** A source of events that runs from when it is made, on a thread of its own, until it is closed. */
public sealed interface Feed extends AutoCloseable permits TimeFeed, SystemFeed, LogFeed, StdinFeed {

    /**
     * Ends it; nothing is published after this returns, unless it hangs for seconds in what it reads, and then goes on before the hub
     * is closed. Closing twice does nothing.
     */
    @Override
    void close();
}
