package dev.ssehub.hub;

import dev.ssehub.history.History;
import dev.ssehub.subscriber.Mailbox;
import java.time.Duration;

/**
 * The settings of the core.
 *
 * @param heartbeatInterval the time after which an idle stream gets a heartbeat
 * @param writeTimeout the time after which a stream ends whose write makes no progress
 * @param mailbox the bounds of each subscriber's mailbox
 * @param history the bounds of the history
 */
public record HubSettings(Duration heartbeatInterval, Duration writeTimeout, Mailbox.Limits mailbox, History.Limits history) {}
