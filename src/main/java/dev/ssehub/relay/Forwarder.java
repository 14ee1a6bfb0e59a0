package dev.ssehub.relay;

import module java.base;
import dev.ssehub.event.EventDecoder;
import dev.ssehub.event.HubEvents;
import dev.ssehub.event.Update;
import dev.ssehub.feed.Source;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.topic.Names;
import io.github.bucket4j.Bucket;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Publishes the events of a relay, not faster than its limits allow. Used by the thread of the relay. */
final class Forwarder {
    // The id of a published event begins with the prefix of the relay. Hubs that relay each other add their prefixes one after the
    // other. So an event whose id has the prefix of this relay has been here before.

    private static final System.Logger LOG = System.getLogger(Forwarder.class.getName());
    private static final int BURST_SECONDS = 2;
    /** The transport has limits for events that are published together. */
    private static final int MOST_TOGETHER = 500;
    private static final int MOST_LOGGED = 200;

    private final RelaySettings settings;
    private final Source source;
    private final Runnable lost;
    private final Bucket rate;
    private final LogThrottle throttle = new LogThrottle();
    private final LogThrottle loops = new LogThrottle();
    private final LogThrottle gaps = new LogThrottle();
    private boolean isFromHub;
    /** The id of the last event of this connection. */
    private @Nullable String lastId;

    /** @param lost called when events are missing, or one is left out */
    Forwarder(RelaySettings settings, Source source, Runnable lost) {
        this.settings = settings;
        this.source = source;
        this.lost = lost;
        int perSecond = settings.limits().perSecond();
        this.rate = Bucket.builder().addLimit(
                limit -> limit.capacity((long) BURST_SECONDS * perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .withNanosecondPrecision().build(); // the clock of the day can be set back
    }

    /** Begins with the events of a new connection to a server, which may be an sse-hub. */
    void connected(boolean isHub) {
        isFromHub = isHub;
        lastId = null;
    }

    /**
     * Publishes the events of blocks together, as far as they can be published. Blocks until the history has them. Returns {@code false}
     * if this node is not the publisher any more.
     */
    boolean forward(List<EventDecoder.Block> blocks) throws InterruptedException {
        List<Update> updates = new ArrayList<>();
        for (EventDecoder.Block block : blocks) {
            Update update = update(block);
            if (update == null) {
                continue;
            }
            boolean mustWait = !rate.tryConsume(1);
            if (mustWait || updates.size() == MOST_TOGETHER) { // those before must not wait for this one
                if (!source.publish(updates)) {
                    return false;
                }
                updates.clear();
            }
            if (mustWait) {
                rate.asBlocking().consume(1);
            }
            updates.add(update);
        }
        return source.publish(updates);
    }

    /** Returns the event of a block, or {@code null} if it has none that can be published. */
    private @Nullable Update update(EventDecoder.Block block) {
        if (block.isTooLarge()) {
            logLeftOut("it is larger than " + settings.limits().maxSize() + " bytes (sse-hub.publish.max-size)");
        }
        String topic = settings.topicOf(block.type());
        String data = block.data();
        if (isFromHub && HubEvents.GAP.equals(block.type())) {
            lost.run();
            gaps.admit().ifPresent(before -> LOG.log(Level.WARNING, "the server of the relay of " + settings.place()
                    + " has lost events, and so has the relay: " + beginning(data) + LogThrottle.more(before)));
            return null;
        }
        if (data == null || topic == null) {
            return null;
        }
        if (block.id() != null && block.id().contains(settings.idPrefix())) {
            loops.admit().ifPresent(before -> LOG.log(Level.WARNING, "the relay of " + settings.place()
                    + " leaves out an event that it has published itself: the server has it from this hub"
                    + LogThrottle.more(before)));
            return null;
        }
        try {
            Names.requireShort("type", block.type(), settings.limits().maxNameLength());
            return new Update(List.of(topic), data, block.type(),
                    ownId(block), null, settings.isPrivate());
        } catch (IllegalArgumentException e) {
            logLeftOut(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /**
     * Returns the id that an event gets, or {@code null} for one of the hub. Servers may give the same id to several events that follow
     * each other; only the first of them gets it, because the hub would drop the others as repetitions.
     */
    private @Nullable String ownId(EventDecoder.Block block) {
        String id = block.id();
        boolean isNew = id != null && !id.equals(lastId);
        lastId = id;
        return isNew && isUsable(id) ? settings.idPrefix() + id : null;
    }

    /** Returns whether a client can send an id back in a header, and the id is not too long with the prefix. */
    boolean isUsable(@Nullable String id) {
        return id != null && !id.isEmpty() && id.equals(id.strip()) && id.chars().allMatch(c -> c >= ' ' && c <= '~')
                && id.length() <= settings.limits().maxNameLength() - settings.idPrefix().length();
    }

    /** Returns a part of a text of the server that is short enough for a log. */
    private static String beginning(@Nullable String data) {
        String text = String.valueOf(data);
        return text.length() <= MOST_LOGGED ? text : text.substring(0, MOST_LOGGED) + "...";
    }

    private void logLeftOut(String reason) {
        lost.run();
        throttle.admit()
                .ifPresent(before -> LOG.log(Level.WARNING, "the relay of " + settings.place() + " leaves out an event: " + reason
                        + LogThrottle.more(before)));
    }
}
