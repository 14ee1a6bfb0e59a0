package dev.ssehub.hub;

import module java.base;
import dev.ssehub.history.History;
import dev.ssehub.subscriber.Mailbox;

/**
 * The settings of the core.
 *
 * @param heartbeatInterval the time after which an idle stream receives a heartbeat
 * @param writeTimeout the time after which a write without progress ends the stream
 */
public record HubSettings(Duration heartbeatInterval, Duration writeTimeout, Mailbox.Limits mailbox, History.Limits history) {}
