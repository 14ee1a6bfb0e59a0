package dev.ssehub.transport;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Transport.Listener;
import dev.ssehub.hub.Transport.Placed;
import dev.ssehub.hub.Transport.Publication;
import dev.ssehub.metrics.PublishedBy;

/** Writes down what a transport passes on, one line for each call. Thread-safe. */
public class RecordingListener implements Listener {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Long> positions = new CopyOnWriteArrayList<>();
    private volatile long beginning = -1;
    private volatile long newest = -1;
    private volatile boolean full;
    private volatile Runnable removal = () -> {};

    /** Returns a publication of a client. */
    public static Publication publication(Update update) {
        return new Publication(update, null, PublishedBy.CLIENT, _ -> {}, false);
    }

    /** Returns an update that only this node receives. */
    public static Publication local(String topic, String data) {
        return new Publication(new Update(topic, data), null, PublishedBy.TIME_FEED, _ -> {}, true);
    }

    /** Lets the history refuse all events, or take them again. */
    public void full(boolean isFull) {
        full = isFull;
    }

    /** Sets what waits until the events of a forgotten topic are removed. */
    public void removal(Runnable wait) {
        removal = wait;
    }

    /** Returns what was passed on: events as {@code topic|frame}, and other calls by their names. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** Returns the positions of all events. */
    public List<Long> positions() {
        return List.copyOf(positions);
    }

    public long beginning() {
        return beginning;
    }

    @Override
    public void begin(long position) {
        if (beginning != -1) {
            throw new IllegalStateException("began twice");
        }
        beginning = position;
        newest = position;
    }

    @Override
    public long newest() {
        return newest;
    }

    @Override
    public synchronized List<Addition> accept(List<Placed> updates, boolean live) {
        List<Addition> additions = new ArrayList<>();
        for (Placed placed : updates) {
            Update update = placed.publication().update();
            Addition addition = new Addition(placed.position(), update) {
                @Override
                protected void added(Event event) {}
            };
            additions.add(addition);
            if (full) {
                addition.fail(new HistoryUnavailableException("the disk is full"));
                continue;
            }
            require(placed.position());
            positions.add(placed.position());
            lines.add((live ? "" : "old ") + String.join("+", update.topics()) + "|"
                    + new String(update.fields(), StandardCharsets.UTF_8).strip().replace("\n", "|")
                    + (update.id() == null ? "" : "|id: " + update.id()) + (update.isPrivate() ? "|private" : "")
                    + (update.ends() ? "|end" : ""));
            addition.complete(Event.of(update, placed.position(), 0, update.topics()));
        }
        return additions;
    }

    private void require(long position) {
        if (position <= newest) {
            throw new IllegalStateException("the position " + HubId.text(position) + " is not after " + HubId.text(newest));
        }
        newest = position;
    }

    @Override
    public synchronized void lose(long upTo, boolean live) {
        require(upTo);
        lines.add(live ? "lose" : "old lose");
    }

    @Override
    public synchronized Runnable forget(String topic) {
        lines.add("forget " + topic);
        return removal;
    }
}
