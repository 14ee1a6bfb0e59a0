package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Transport.Listener;
import dev.ssehub.hub.Transport.Placed;
import dev.ssehub.hub.Transport.Publication;
import dev.ssehub.metrics.LogThrottle;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Passes the entries of the stream to the hub in their order, and completes the items of this node. Thread-safe. */
final class Arrivals {
    // Two kinds of threads add to the history: the reader, and the feeds whose events are local to this node. They take turns: the
    // reader gives up its turn only when the history has what it has read, so positions and events have the same order.

    private static final System.Logger LOG = System.getLogger(Arrivals.class.getName());

    private final Listener listener;
    private final String node;
    private final SharedStream stream;
    private final RedisClock clock;
    /** The items of this node that are under way, by their numbers. */
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final LogThrottle foreign = new LogThrottle();
    private final Semaphore turn = new Semaphore(1, true);
    private final Reached reached;

    Arrivals(Listener listener, String node, SharedStream stream, RedisClock clock, Reached reached) {
        this.listener = listener;
        this.node = node;
        this.stream = stream;
        this.clock = clock;
        this.reached = reached;
    }

    /** Expects the entries of items, given the number of the first one. Each must be dropped later. */
    void expect(long first, List<Pending> items) {
        for (int i = 0; i < items.size(); i++) {
            items.get(i).numbered(first + i);
            pending.put(first + i, items.get(i));
        }
    }

    /** Does not expect the entry of an item any more. */
    void drop(Pending item) {
        pending.remove(item.number());
    }

    /**
     * Handles entries that follow the last one. Called by the reader.
     *
     * @param live whether they are new; otherwise, they were published before this node has started
     * @throws HistoryUnavailableException if the history cannot take them; the next call repeats what was not handled
     */
    void take(List<Entry> entries, boolean live) {
        turn.acquireUninterruptibly();
        try {
            List<Entry> events = new ArrayList<>(entries.size());
            for (Entry entry : entries) {
                if (misses(entry, events.size())) {
                    publish(events, live);
                    events = new ArrayList<>();
                    noticeHole(entry);
                }
                if (entry.content() instanceof Entry.Published) {
                    events.add(entry);
                } else {
                    publish(events, live);
                    events = new ArrayList<>();
                    obey(entry);
                    reached.handled(entry);
                }
            }
            publish(events, live);
        } finally {
            turn.release();
        }
    }

    /** Returns whether an entry is missing before this one, apart from those that follow the last one that was handled. */
    private boolean misses(Entry entry, int following) {
        return entry.number() == 0 || (reached.number() != 0 && entry.number() > reached.number() + 1 + following);
    }

    private void publish(List<Entry> events, boolean live) {
        if (events.isEmpty()) {
            return;
        }
        List<Placed> placed = new ArrayList<>(events.size());
        for (Entry entry : events) {
            long position = Place.position(entry.place());
            Pending own = own(entry);
            Publication publication = own == null ? null : own.publication();
            placed.add(new Placed(position, clock.ageMillis(position), publication == null
                    ? Publication.ofOtherNode(((Entry.Published) entry.content()).update())
                    : publication));
        }
        List<Addition> additions = listener.accept(placed, live);
        additions.getLast().await(); // all or none of them
        for (int i = 0; i < additions.size(); i++) {
            complete(events.get(i), additions.get(i));
        }
        reached.handled(events.getLast());
    }

    private @Nullable Pending own(Entry entry) {
        return entry.node().equals(node) ? pending.get(entry.item()) : null;
    }

    /** Completes the item of this node that has become an entry. */
    private void complete(Entry entry, @Nullable Addition receipt) {
        Pending own = own(entry);
        if (own != null) {
            own.handled(receipt);
        }
    }

    private void obey(Entry entry) {
        switch (entry.content()) {
            case Entry.Forgotten forgotten -> {
                listener.forget(forgotten.topic());
                complete(entry, null);
            }
            case Entry.Lost _ -> {
                LOG.log(Level.ERROR, "Redis has lost events that nodes of this hub had; clients are told about a gap");
                listener.lose(Place.position(entry.place()));
            }
            case Entry.Unreadable unreadable -> {
                LOG.log(Level.ERROR, "the entry " + Place.id(entry.place()) + " in Redis " + unreadable.why()
                        + "; clients are told about a gap");
                listener.lose(Place.position(entry.place()));
            }
            case Entry.Room _ -> complete(entry, null);
            case Entry.Foreign _ -> {
                if (foreign.isDue()) {
                    LOG.log(Level.WARNING, "the entry " + entry.id() + " in Redis was not added by a hub; it is left out");
                }
            }
            case Entry.Published _ -> {
            }
        }
    }

    /** An entry is missing before this one. It was removed because of a bound, unless somebody wanted its topic forgotten. */
    private void noticeHole(Entry entry) {
        Answer now = stream.exchange(reached.known());
        if (now.trimmed() > reached.place() && entry.place() > reached.place() + 1) {
            lose(Math.min(now.trimmed(), entry.place() - 1));
        }
    }

    /** Tells clients that the entries up to a place are missing. */
    void loseUpTo(long trimmed) {
        turn.acquireUninterruptibly();
        try {
            lose(trimmed);
        } finally {
            turn.release();
        }
    }

    private void lose(long trimmed) {
        LOG.log(Level.WARNING, "this node has missed events that Redis does not hold any more; clients are told about a gap");
        listener.lose(Place.position(trimmed));
        reached.skipTo(trimmed);
    }

    /**
     * Adds an event that only the subscribers of this node receive.
     *
     * @return the receipt, or {@code null} if there is no room before the next entry
     */
    @Nullable
    Addition addLocal(Publication publication) {
        turn.acquireUninterruptibly();
        try {
            long newest = newest();
            return Place.left(newest) == 0
                    ? null
                    : listener.accept(List.of(new Placed(newest + 1, 0, publication)), true).getFirst();
        } finally {
            turn.release();
        }
    }

    /** Returns how many local events have room before the next entry. */
    long room() {
        return Place.left(newest());
    }

    private long newest() {
        return Math.max(listener.newest(), Place.position(reached.place()));
    }
}
