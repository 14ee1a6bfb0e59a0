package dev.ssehub;

import module java.base;
import dev.ssehub.event.HubId;
import dev.ssehub.hub.Hub;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.subscriber.Subscriber;

/**
 * What waits for the streams of a hub at one moment.
 *
 * @param streams the number of live streams with events in the mailbox or in a write
 * @param events the number of these events; an event counts once for each stream
 * @param bytes the bytes of these events
 * @param fullest the part of its limits that the fullest mailbox takes, 0 to 1
 * @param catchingUp the number of streams that read the history
 * @param delayMillis for how long the slowest stream has not received an event that it should have
 */
record Waiting(int streams, long events, long bytes, double fullest, int catchingUp, long delayMillis) {
    /** Looks at each stream once, without a lock of the hub. */
    static Waiting of(Hub hub, long nowMillis) {
        Mailbox.Limits limits = hub.settings().mailbox();
        int streams = 0;
        long events = 0;
        long bytes = 0;
        double fullest = 0;
        int catchingUp = 0;
        long oldest = nowMillis;
        long oldestOfHistory = nowMillis - hub.history().status().ageMillis();
        for (Subscriber subscriber : hub.streams()) {
            StreamStatus status = subscriber.status();
            if (status.catchingUp()) {
                catchingUp++;
                if (status.place().start() >= 0) { // otherwise, the stream finds its start at this moment
                    oldest = Math.min(oldest, Math.max(oldestOfHistory, HubId.millis(status.place().written())));
                }
            } else if (status.waitingEvents() > 0) {
                streams++;
                events += status.waitingEvents();
                bytes += status.waitingBytes();
                fullest = Math.max(fullest, Math.max(status.waitingEvents() / (double) limits.maxEvents(),
                        status.waitingBytes() / (double) limits.maxBytes()));
            }
            if (status.firstWaiting() >= 0) {
                oldest = Math.min(oldest, HubId.millis(status.firstWaiting()));
            }
        }
        return new Waiting(streams, events, bytes, Math.min(1, fullest), catchingUp, nowMillis - oldest);
    }
}
