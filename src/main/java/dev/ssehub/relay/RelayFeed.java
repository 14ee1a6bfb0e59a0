package dev.ssehub.relay;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.EventDecoder;
import dev.ssehub.feed.Feed;
import dev.ssehub.feed.Reach;
import dev.ssehub.feed.Source;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Query;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.thread.PeriodicTask;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Publishes the events of another server's event stream. It never gives up, unless the server asks for it. */
public final class RelayFeed implements Feed {
    // The place is the server's id of the last event that the history has, or that was left out. The id of a published event holds it,
    // so the history of any node can tell it after a restart, and when another node takes over. What the server sends twice then has the
    // same id twice, and the hub drops the repetition.
    //
    // One thread connects, reads, and publishes. While it publishes, it does not read, so nothing piles up here. Closing interrupts it:
    // whatever it waits for ends with that.

    private static final System.Logger LOG = System.getLogger(RelayFeed.class.getName());
    /** How often a waiting relay checks whether this node is the publisher. */
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int FAILURES_PER_MINUTE = 10;

    private final Hub hub;
    private final RelaySettings settings;
    private final Reach reach;
    private final Source source;
    private final Forwarder forwarder;
    private final Runnable lost;
    private final Backoff backoff = new Backoff(() -> ThreadLocalRandom.current().nextDouble());
    private final LogThrottle failures = new LogThrottle(FAILURES_PER_MINUTE, System::nanoTime);
    private final Thread thread;
    private volatile @Nullable String place;
    private boolean wasConnected;
    /** The last reason that was logged for the outage that goes on; {@code null} if none was. */
    private @Nullable String loggedFailure;
    private volatile boolean isDown;
    private volatile boolean closed;

    /**
     * Starts to publish. Does not block.
     *
     * @param place the {@link #place} of an earlier relay of the same URL; {@code null} if there was none
     * @param lost called on the thread of the relay when events are missing
     */
    public RelayFeed(Hub hub, RelaySettings settings, Reach reach, @Nullable String place, Runnable lost) {
        this.hub = hub;
        this.settings = settings;
        this.reach = reach;
        this.place = place;
        this.source = new Source(hub, PublishedBy.RELAY_FEED, reach);
        this.lost = lost;
        this.forwarder = new Forwarder(settings, source, lost);
        this.thread = Thread.ofPlatform().name("the relay of " + settings.place()).daemon().unstarted(this::run);
        thread.start();
    }

    /** Returns the server's id of the last event, with which another relay of the same URL can go on; {@code null} if there was none. */
    public @Nullable String place() {
        return place;
    }

    /** Returns whether this node should have a connection and has none. */
    public boolean isDown() {
        return isDown;
    }

    private void run() {
        try (Upstream upstream = new Upstream(settings)) {
            boolean knowsPlace = place != null;
            while (true) {
                if (!isPublisher()) {
                    isDown = false;
                    Thread.sleep(LOOK);
                } else if (knowsPlace || findPlace()) {
                    publish(upstream);
                }
                knowsPlace = false;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (HubClosedException _) {
            // the hub stops, and the relay with it
        } catch (RefusedException e) {
            isDown = true;
            LOG.log(Level.WARNING, thread.getName() + " has ended, because the server asks for it: " + e.getMessage());
        }
    }

    private boolean isPublisher() {
        if (closed) {
            throw new HubClosedException();
        }
        return source.isPublisher();
    }

    /** Finds the place in the history, where any node may have put it. Returns {@code false} if the history cannot be read now. */
    private boolean findPlace() throws InterruptedException {
        try {
            String prefix = settings.idPrefix();
            Predicate<Event> isOwn = event -> event.id().startsWith(prefix);
            Selection topics = Selection.withoutSearch(SelectorSet.of(
                    settings.allTopics().stream().<TopicSelector>map(TopicSelector.Exact::new).toList()));
            long after = hub.history().beforeLast(1, topics, isOwn);
            Slice slice = hub.history().read(new Query(after, History.UNKNOWN, topics, isOwn, Event::size, 0));
            while (slice.events().isEmpty() && !slice.atEnd()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                slice = hub.history().read(new Query(slice.upTo(), History.UNKNOWN, topics, isOwn, Event::size, 0));
            }
            if (!slice.events().isEmpty()) {
                place = slice.events().getFirst().id().substring(prefix.length());
            }
            return true;
        } catch (HistoryUnavailableException _) { // the history logs why
            Thread.sleep(LOOK);
            return false;
        }
    }

    /** Reads and publishes while this node is the publisher. */
    private void publish(Upstream upstream) throws InterruptedException, RefusedException {
        while (isPublisher()) {
            Duration pause;
            try {
                read(upstream);
                return; // another node takes over
            } catch (RefusedException e) {
                if (e.isFinal()) {
                    throw e;
                }
                pause = backoff.afterRefusal();
                logFailure(e);
            } catch (BusyException e) {
                pause = backoff.afterFailure(e.pause());
                logFailure(e);
            } catch (EOFException _) { // servers end streams, and the next connection tells whether this one is well
                pause = backoff.afterFailure();
            } catch (IOException e) {
                pause = backoff.afterFailure();
                logFailure(e);
            } catch (HubClosedException e) {
                throw e;
            } catch (RuntimeException e) {
                pause = backoff.afterRefusal();
                LOG.log(Level.ERROR, thread.getName() + " has failed and will try again", e);
            }
            isDown = true;
            Thread.sleep(pause);
        }
    }

    private void read(Upstream upstream) throws IOException, InterruptedException {
        EventDecoder decoder = new EventDecoder(settings.limits().maxSize());
        Upstream.Stream stream = upstream.open(place);
        try (Answer answer = stream.answer()) {
            isDown = false;
            forwarder.connected(stream.isHub());
            logConnected(stream);
            Duration silence = Duration.ZERO;
            while (isPublisher()) {
                Duration wait = Collections.min(List.of(LOOK, settings.idleTimeout()));
                Optional<List<ByteBuffer>> buffers = answer.next(wait);
                silence = buffers.isPresent() ? Duration.ZERO : silence.plus(wait);
                if (silence.compareTo(settings.idleTimeout()) >= 0) {
                    throw new IOException("the server was silent for " + settings.idleTimeout().toSeconds() + " seconds");
                }
                for (ByteBuffer bytes : buffers.orElse(List.of())) {
                    backoff.reset();
                    if (!take(decoder, bytes)) {
                        return;
                    }
                }
            }
        }
    }

    /** What has arrived together is published together, so that a fast stream costs one commit for many events. */
    private boolean take(EventDecoder decoder, ByteBuffer bytes) throws InterruptedException {
        List<EventDecoder.Block> blocks = new ArrayList<>();
        for (EventDecoder.Block block = decoder.next(bytes); block != null; block = decoder.next(bytes)) {
            blocks.add(block);
        }
        if (!forwarder.forward(blocks)) {
            return false;
        }
        for (EventDecoder.Block block : blocks) {
            backoff.setBase(block.retryMillis());
            if (forwarder.isUsable(block.id())) {
                place = block.id();
            }
        }
        return true;
    }

    private void logFailure(IOException failure) {
        String reason = String.valueOf(failure.getMessage());
        if (!reason.equals(loggedFailure) && failures.isDue()) {
            LOG.log(Level.WARNING, thread.getName() + " has no connection and tries again: " + reason);
            loggedFailure = reason;
        }
    }

    private void logConnected(Upstream.Stream stream) {
        if (!wasConnected || loggedFailure != null) {
            LOG.log(Level.INFO,
                    thread.getName() + " is connected" + (place == null ? "" : ", and goes on after the event " + place));
            wasConnected = true;
            loggedFailure = null;
        }
        if (!stream.knowsPlace()) {
            lost.run();
            LOG.log(Level.WARNING,
                    thread.getName() + " has missed events: the server does not know the event " + place + " any more");
        }
    }

    @Override
    public void close() {
        closed = true;
        source.close();
        thread.interrupt();
        PeriodicTask.join(thread);
        reach.lease().close();
    }
}
