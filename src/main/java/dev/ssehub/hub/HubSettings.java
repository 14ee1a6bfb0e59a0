package dev.ssehub.hub;

import java.time.Duration;

/**
 * What an operator can set about the core.
 *
 * @param heartbeatInterval
 *            a stream that was idle this long gets a comment
 * @param writeTimeout
 *            a write that has not moved this long ends its stream
 * @param mailbox
 *            how much waits for one subscriber before it catches up from the history instead
 * @param history
 *            how much of the past is held for those who catch up
 */
public record HubSettings(Duration heartbeatInterval, Duration writeTimeout, MailboxLimits mailbox, HistoryLimits history) {

    /**
     * The bounds of a mailbox; whichever is reached first applies, but one event always fits.
     *
     * @param maxEvents
     *            how many events
     * @param maxBytes
     *            how many bytes of frames and topics
     */
    public record MailboxLimits(int maxEvents, int maxBytes) {}

    /**
     * The bounds of the history; whichever is reached first applies.
     *
     * @param maxEvents
     *            how many events; 0 holds none
     * @param maxAge
     *            how long an event is held
     * @param maxBytes
     *            how many bytes of frames and topics
     */
    public record HistoryLimits(int maxEvents, Duration maxAge, long maxBytes) {}
}
