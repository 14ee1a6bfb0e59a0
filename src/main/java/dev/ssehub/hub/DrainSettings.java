package dev.ssehub.hub;

import module java.base;

/**
 * How a hub stops.
 *
 * @param delay the time between the moment when the hub is no longer ready and the moment when it takes no new clients
 * @param timeout the time that streams get to receive what waits for them
 * @param retrySpread the window over which the reconnection times of the streams are spread
 */
public record DrainSettings(Duration delay, Duration timeout, Duration retrySpread) {}
