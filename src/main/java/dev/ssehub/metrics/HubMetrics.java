package dev.ssehub.metrics;

/** Counts events of the hub. Called by any thread, also with locks held: an implementation must not block or call the hub. */
public interface HubMetrics {
    /** Counts a refused request, a closed connection or a refused stream that this limit has caused. */
    void reached(Limit limit);

    /** Counts an event that was published. */
    void published(PublishedBy publisher);

    /** Counts a publish request that was answered with an id, and the time from the request to the answer. */
    void publishAnswered(long nanos);

    /** Counts a stream that has opened. */
    void opened();

    /** Counts a stream that has ended for this reason. */
    void ended(DisconnectReason reason);

    /** Counts a write to a stream: its events, and the bytes without the framing of HTTP. */
    void written(int events, int bytes);

    /** Counts the time from the publishing of an event to the write that carries it. Called once for each write of a live stream. */
    void delivered(long millis);

    /** Counts a stream whose mailbox was full, so that it catches up from the history. */
    void fellBehind();

    /** Counts events that a stream has read from the history. */
    void caughtUp(int events);

    /** Counts a gap that a stream was told about. */
    void toldGap();

    /** Counts a transaction of the history's file, and its time. */
    void committed(long nanos);

    /** Counts the beginning of a time in which the history's file takes no events. */
    void historyFailed();

    /** Counts events of the hub's nodes that this node has missed for good. All streams are told about a gap. */
    void missed();
}
