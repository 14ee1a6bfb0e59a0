package dev.ssehub.hub;

import module java.base;
import dev.ssehub.history.Limits;
import dev.ssehub.subscriber.Mailbox;

/** The settings of the core. The write timeout is the time after which a write without progress ends the stream. */
public record HubSettings(Duration heartbeatInterval, Duration writeTimeout, Mailbox.Limits mailbox, Limits history) {}
