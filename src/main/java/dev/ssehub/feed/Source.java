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
 * Publishes the events of one feed, and waits while the history cannot take them. Used by the thread of the feed; only {@link #close}
 * may be called from any thread.
 */
final class Source implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Source.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Hub hub;
    private final PublishedBy feed;
    private final String topic;
    private final @Nullable String type;
    private final Duration pause;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param type the type of the events; {@code null} if they have none */
    Source(Hub hub, PublishedBy feed, String topic, @Nullable String type) {
        this(hub, feed, topic, type, PAUSE);
    }

    /** @param pause the time between two tries */
    Source(Hub hub, PublishedBy feed, String topic, @Nullable String type, Duration pause) {
        this.hub = hub;
        this.feed = feed;
        this.topic = topic;
        this.type = type;
        this.pause = pause;
    }

    /**
     * Publishes an event. Blocks until the history has it.
     *
     * @throws HubClosedException if the hub or this source is closed, or the thread is interrupted, while the event waits
     */
    void publish(String data) {
        Update update = new Update(List.of(topic), data, type, null, null, false);
        boolean waits = false;
        while (!published(update, waits)) {
            waits = true;
            awaitNextTry();
        }
        if (waits) {
            LOG.log(Level.INFO, name() + " publishes again");
        }
    }

    private boolean published(Update update, boolean waits) {
        try {
            hub.publish(update, feed);
            return true;
        } catch (HistoryUnavailableException e) {
            if (!waits) {
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
