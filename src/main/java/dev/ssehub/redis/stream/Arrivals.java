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
    // Two kinds of threads add to the history: the reader, and the feeds with local events. They take turns. The reader
    // keeps its turn until the history has all that it was given. So events come into the history in the order of their
    // positions. Nothing waits for Redis during a turn.

    private static final System.Logger LOG = System.getLogger(Arrivals.class.getName());

    private final Listener listener;
    private final String node;
    private final SharedStream stream;
    private final RedisClock clock;
    /** The items of this node that are under way, by their numbers. */
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final LogThrottle foreign = new LogThrottle();
    private final LogThrottle unreadable = new LogThrottle();
    private final Semaphore turn = new Semaphore(1, true);
    private final Reached reached;
    /** The newest position that was given to a local event. Guarded by the turn. */
    private long local;

    Arrivals(Listener listener, String node, SharedStream stream, RedisClock clock, Reached reached) {
        this.listener = listener;
        this.node = node;
        this.stream = stream;
        this.clock = clock;
        this.reached = reached;
    }

    /**
     * Expects the entries of items. Each item must be dropped later.
     *
     * @param first the number of the first item; the others have the following numbers
     */
    void expect(long first, List<Pending> items) {
        for (int i = 0; i < items.size(); i++) {
            Pending item = items.get(i);
            item.numbered(first + i);
            pending.put(first + i, item);
            if (item.isGivenUp()) { // it has waited too long to be sent
                pending.remove(first + i);
            }
        }
    }

    /** Ceases to expect the entry of an item. */
    void drop(Pending item) {
        item.giveUp();
        pending.remove(item.number());
    }

    /**
     * Handles the next entries of the stream. Called by the reader.
     *
     * @param live whether they are new; otherwise, they were published before this node started
     * @throws HistoryUnavailableException if the history cannot take them; the reader then reads the unhandled ones
     *     again
     */
    void take(List<Entry> entries, boolean live) {
        long trimmed = hasHole(entries) ? stream.exchange(reached.known()).trimmed() : 0;
        turn.acquireUninterruptibly();
        try {
            List<Entry> events = new ArrayList<>(entries.size());
            for (Entry entry : entries) {
                if (follows(entry, reached.number() + events.size()) && entry.content() instanceof Entry.Published) {
                    events.add(entry);
                    continue;
                }
                publish(events, live);
                events = new ArrayList<>();
                noticeHole(entry, trimmed, live);
                if (entry.content() instanceof Entry.Published) {
                    events.add(entry);
                } else {
                    obey(entry, live);
                    reached.handled(entry);
                }
            }
            publish(events, live);
        } finally {
            turn.release();
        }
    }

    private boolean hasHole(List<Entry> entries) {
        long number = reached.number();
        for (Entry entry : entries) {
            if (!follows(entry, number)) {
                return true;
            }
            number = Math.max(number, entry.number());
        }
        return false;
    }

    /** Returns whether no entry is missing between the one with the given number and this one. */
    private static boolean follows(Entry entry, long number) {
        return entry.number() <= number + 1;
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
            complete(events.get(i), additions.get(i)::await);
        }
        reached.handled(events.getLast());
    }

    private @Nullable Pending own(Entry entry) {
        return entry.node().equals(node) ? pending.get(entry.item()) : null;
    }

    /** Completes the item that has become this entry, if the item is one of this node. */
    private void complete(Entry entry, Supplier<String> receipt) {
        Pending own = own(entry);
        if (own != null) {
            own.handled(receipt);
        }
    }

    private void obey(Entry entry, boolean live) {
        switch (entry.content()) {
            case Entry.Forgotten forgotten -> {
                Runnable removal = listener.forget(forgotten.topic());
                complete(entry, () -> {
                    removal.run();
                    return "";
                });
            }
            case Entry.Lost _ -> {
                if (live) {
                    LOG.log(Level.ERROR, "Redis has lost events that nodes of this hub had; clients are told about a gap");
                }
                listener.lose(Place.position(entry.place()), live);
            }
            case Entry.Unreadable(String why) -> {
                if (unreadable.isDue()) {
                    LOG.log(Level.ERROR, "the entry " + Place.id(entry.place()) + " in Redis " + why
                            + "; clients are told about a gap");
                }
                listener.lose(Place.position(entry.place()), live);
            }
            case Entry.Room _ -> complete(entry, () -> "");
            case Entry.Foreign _ -> {
                if (foreign.isDue()) {
                    LOG.log(Level.WARNING, "the entry " + entry.id() + " in Redis was not added by a hub; it is left out");
                }
            }
            case Entry.Published _ -> {
            }
        }
    }

    /**
     * Tells a gap before this entry if entries are missing there, unless they were only removed because a client has deleted their topic.
     *
     * @param trimmed the newest place that was removed because of a bound
     */
    private void noticeHole(Entry entry, long trimmed, boolean live) {
        if (!follows(entry, reached.number()) && trimmed > reached.place() && entry.place() > reached.place() + 1) {
            lose(Math.min(trimmed, entry.place() - 1), live);
        }
    }

    /** Tells clients that the entries up to a place are missing. */
    void loseUpTo(long trimmed, boolean live) {
        turn.acquireUninterruptibly();
        try {
            lose(trimmed, live);
        } finally {
            turn.release();
        }
    }

    private void lose(long trimmed, boolean live) {
        LOG.log(Level.WARNING, "this node has missed events that Redis does not hold any more; clients are told about a gap");
        listener.lose(Place.position(trimmed), live);
        reached.skipTo(trimmed);
    }

    /**
     * Adds events that only the subscribers of this node receive.
     *
     * @return the receipts; none if there is no room before the next entry
     */
    List<Addition> addLocal(List<Publication> together) {
        turn.acquireUninterruptibly();
        try {
            long newest = Math.max(newest(), local); // the history may not have the last local event yet
            if (Place.left(newest) < together.size()) {
                return List.of();
            }
            local = newest + together.size();
            return listener.accept(IntStream.range(0, together.size())
                    .mapToObj(i -> new Placed(newest + 1 + i, 0, together.get(i))).toList(), true);
        } finally {
            turn.release();
        }
    }

    /** Returns how many local events have room before the next entry, including those that are on their way into the history. */
    long room() {
        return Place.left(newest());
    }

    private long newest() {
        return Math.max(listener.newest(), Place.position(reached.place()));
    }
}
