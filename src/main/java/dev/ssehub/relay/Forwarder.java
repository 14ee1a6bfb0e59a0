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
    private static final System.Logger LOG = System.getLogger(Forwarder.class.getName());
    private static final int BURST_SECONDS = 2;
    /** The transport has limits for events that are published together. */
    private static final int MOST_TOGETHER = 500;

    private final RelaySettings settings;
    private final Source source;
    private final Bucket rate;
    private final LogThrottle throttle = new LogThrottle();

    Forwarder(RelaySettings settings, Source source) {
        this.settings = settings;
        this.source = source;
        int perSecond = settings.limits().perSecond();
        this.rate = Bucket.builder().addLimit(
                limit -> limit.capacity((long) BURST_SECONDS * perSecond).refillGreedy(perSecond, Duration.ofSeconds(1))).build();
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
        if (HubEvents.GAP.equals(block.type())) {
            LOG.log(Level.WARNING,
                    "the server of the relay of " + settings.place() + " has lost events, and so has the relay: " + data);
            return null;
        }
        if (data == null || topic == null) {
            return null;
        }
        try {
            Names.requireShort("type", block.type(), settings.limits().maxNameLength());
            return new Update(List.of(topic), data, block.type(),
                    isUsable(block.id()) ? settings.idPrefix() + block.id() : null, null, settings.isPrivate());
        } catch (IllegalArgumentException e) {
            logLeftOut(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Returns whether a client can send an id back in a header, and the id is not too long with the prefix. */
    boolean isUsable(@Nullable String id) {
        return id != null && !id.isEmpty() && id.equals(id.strip()) && id.chars().allMatch(c -> c >= ' ' && c <= '~')
                && id.length() <= settings.limits().maxNameLength() - settings.idPrefix().length();
    }

    private void logLeftOut(String reason) {
        throttle.admit()
                .ifPresent(before -> LOG.log(Level.WARNING, "the relay of " + settings.place() + " leaves out an event: " + reason
                        + LogThrottle.more(before)));
    }
}
