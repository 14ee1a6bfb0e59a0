package dev.ssehub.feed;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.PublishedBy;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of one feed while this node is the one to publish them, and waits while the history cannot take them. Used by
 * the thread of the feed; only {@link #close} may be called from any thread.
 */
final class Source implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Source.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Hub hub;
    private final PublishedBy feed;
    private final String topic;
    private final @Nullable String type;
    private final Reach reach;
    private final Duration pause;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean waits;

    /** @param type the type of the events; {@code null} if they have none */
    Source(Hub hub, PublishedBy feed, String topic, @Nullable String type, Reach reach) {
        this(hub, feed, topic, type, reach, PAUSE);
    }

    /** @param pause the time between two tries */
    Source(Hub hub, PublishedBy feed, String topic, @Nullable String type, Reach reach, Duration pause) {
        this.hub = hub;
        this.feed = feed;
        this.topic = topic;
        this.type = type;
        this.reach = reach;
        this.pause = pause;
    }

    /** Returns whether this node publishes the events of the feed now. */
    boolean isPublisher() {
        return reach.lease().isHeld();
    }

    /**
     * Publishes an event, if this node publishes the events of the feed. Blocks until the history has it. If this node ceases to be
     * the publisher meanwhile, the event is lost.
     *
     * @throws HubClosedException if the hub or this source is closed, or the thread is interrupted, while the event waits
     */
    void publish(String data) {
        Update update = new Update(List.of(topic), data, type, null, null, false);
        while (isPublisher() && !published(update)) {
            awaitNextTry();
        }
    }

    private boolean published(Update update) {
        try {
            hub.publish(update, feed, reach.local());
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
