package dev.ssehub.hub;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The thread that looks after the streams of a hub: heartbeats for the idle, an end for writes that hang. */
final class Caretaker implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Caretaker.class.getName());
    private static final Duration LONGEST_PERIOD = Duration.ofSeconds(1);

    private final Hub hub;
    private final Duration period;
    private final CountDownLatch closed = new CountDownLatch(1);

    Caretaker(Hub hub, HubSettings settings) {
        this.hub = hub;
        this.period = period(settings);
    }

    /** A second, or less where an interval is so short that a second would be felt. */
    static Duration period(HubSettings settings) {
        Duration heartbeat = settings.heartbeatInterval();
        Duration shorter = heartbeat.compareTo(settings.writeTimeout()) < 0 ? heartbeat : settings.writeTimeout();
        Duration quarter = shorter.dividedBy(4);
        return quarter.compareTo(LONGEST_PERIOD) < 0 ? quarter : LONGEST_PERIOD;
    }

    void start() {
        Thread.ofPlatform().name("caretaker").daemon().start(this::run);
    }

    private void run() {
        try {
            while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check() {
        try {
            hub.check();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the caretaker failed and tries again in " + period, e);
        }
    }

    /** Ends it soon. */
    @Override
    public void close() {
        closed.countDown();
    }
}
