package dev.ssehub.hub;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ssehub.history.History;

/** The thread that looks after the streams of a hub: heartbeats for the idle, an end for those that hang or whose time is over. */
public final class Caretaker implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Caretaker.class.getName());
    private static final Duration LONGEST_PERIOD = Duration.ofSeconds(1);
    /** Who has not read for so long holds what others need not pay for. */
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Hub hub;
    private final InstantSource clock;
    private final Duration period;
    private final long writeTimeoutNanos;
    private final long idleNanos;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param clock says when permissions are over */
    Caretaker(Hub hub, HubSettings settings, InstantSource clock) {
        this.hub = hub;
        this.clock = clock;
        this.period = period(settings);
        this.writeTimeoutNanos = settings.writeTimeout().toNanos();
        this.idleNanos = settings.heartbeatInterval().minus(period).toNanos();
    }

    /** A second, or less where an interval is so short that a second would be felt. */
    private static Duration period(HubSettings settings) {
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
                tryCheck();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryCheck() {
        try {
            check();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the caretaker failed and tries again in " + period, e);
        }
    }

    /** Looks after each stream once. */
    public void check() {
        History.Extent history = hub.history();
        Instant now = clock.instant();
        List<StallLimit.Stall> stalls = new ArrayList<>();
        hub.registered().forEach(subscriber -> {
            subscriber.expire(now);
            subscriber.check(writeTimeoutNanos, idleNanos, history.newest());
            StallLimit.Stall stall = subscriber.stall(STALLED_NANOS, history.gone());
            if (stall != null) {
                stalls.add(stall);
            }
        });
        StallLimit.enforce(stalls, StallLimit.MAX_BYTES);
    }

    /** Ends it soon. */
    @Override
    public void close() {
        closed.countDown();
    }
}
