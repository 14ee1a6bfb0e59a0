package dev.ssehub.feed;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.PublishedBy;
import java.lang.System.Logger.Level;

/**
 * Publishes the events of one feed while this node is the one to publish them, and waits while the history cannot take them. Used by
 * the thread of the feed; only {@link #close} may be called from any thread.
 */
public final class Source implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Source.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Hub hub;
    private final PublishedBy feed;
    private final Reach reach;
    private final Duration pause;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean waits;

    public Source(Hub hub, PublishedBy feed, Reach reach) {
        this(hub, feed, reach, PAUSE);
    }

    /** @param pause the time between two tries */
    Source(Hub hub, PublishedBy feed, Reach reach, Duration pause) {
        this.hub = hub;
        this.feed = feed;
        this.reach = reach;
        this.pause = pause;
    }

    /** Returns whether this node publishes the events of the feed now. */
    public boolean isPublisher() {
        return reach.lease().isHeld();
    }

    /**
     * Publishes an event, if this node publishes the events of the feed. Blocks until the history has it. Returns {@code false} if
     * this node is not the publisher, or ceases to be the publisher meanwhile; then the event is lost.
     *
     * @throws HubClosedException if the hub or this source is closed, or the thread is interrupted, while the event waits
     */
    boolean publish(Update update) {
        return publish(List.of(update));
    }

    /** Like {@link #publish(Update)}, for events that enter the history together. There may be none. */
    public boolean publish(List<Update> updates) {
        while (isPublisher()) {
            if (updates.isEmpty() || published(updates)) {
                return true;
            }
            awaitNextTry();
        }
        return false;
    }

    private boolean published(List<Update> updates) {
        try {
            hub.publish(updates, feed, reach.local());
            if (waits) {
                waits = false;
                LOG.log(Level.INFO, name() + " publishes again");
            }
            return true;
        } catch (HistoryUnavailableException e) {
            if (!waits) {
                waits = true;
                LOG.log(Level.WARNING, name() + " waits with its events: " + e.getMessage());
            }
            return false;
        }
    }

    private void awaitNextTry() {
        try {
            if (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new HubClosedException();
    }

    /** Returns the name of the feed, which is the name of its thread. */
    private static String name() {
        return Thread.currentThread().getName();
    }

    /** Ends the wait for the history: {@link #publish} throws, and its event is lost. Does not block. */
    @Override
    public void close() {
        closed.countDown();
    }
}
