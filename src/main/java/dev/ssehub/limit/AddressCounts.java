package dev.ssehub.limit;

import module java.base;
import java.lang.System.Logger.Level;

/** Counts the connections of each client address. An IPv6 network counts as one address. Thread-safe. */
final class AddressCounts {

    private static final System.Logger LOG = System.getLogger(AddressCounts.class.getName());
    private static final int MAX_SURPLUS = 16;

    /** How a connection is counted. */
    enum Kind {
        /** Within the limit of the address. */
        WITHIN,
        /** Over the limit, but accepted so that the client receives an answer that says so. */
        SURPLUS,
        /** Not counted. */
        NONE
    }

    private record Count(int within, int surplus) {

        static final Count ZERO = new Count(0, 0);

        Count add(Kind kind, int number) {
            return switch (kind) {
                case WITHIN -> new Count(within + number, surplus);
                case SURPLUS -> new Count(within, surplus + number);
                case NONE -> this;
            };
        }
    }

    private final int max;
    private final LogThrottle throttle = new LogThrottle();
    private final ConcurrentMap<ClientAddress, Count> counts = new ConcurrentHashMap<>();

    AddressCounts(int max) {
        this.max = max;
    }

    /** Counts a connection if possible. Returns {@code NONE} if the connection must be closed. */
    Kind add(ClientAddress address) {
        return add(address, 1, MAX_SURPLUS);
    }

    /** Counts several connections if all of them are within the limit. Returns whether they are. */
    boolean addWithin(ClientAddress address, int number) {
        return number == 0 || add(address, number, 0) == Kind.WITHIN;
    }

    private Kind add(ClientAddress address, int number, int maxSurplus) {
        Kind[] kind = {Kind.NONE};
        counts.compute(address.network(), (_, known) -> {
            Count count = known == null ? Count.ZERO : known;
            kind[0] = count.within() + number <= max ? Kind.WITHIN : count.surplus() < maxSurplus ? Kind.SURPLUS : Kind.NONE;
            return count.add(kind[0], number);
        });
        if (kind[0] != Kind.WITHIN && throttle.isDue()) {
            LOG.log(Level.WARNING, address.network().text() + " has " + max + " connections, which is the limit for one address "
                    + "(sse-hub.limits.max-connections-per-address); more are refused. If it is a proxy, name it in "
                    + "sse-hub.limits.trusted-proxies and let it send X-Forwarded-For. For a minute, further addresses are only "
                    + "counted (sse_hub_limit_reached_total)");
        }
        return kind[0];
    }

    void remove(ClientAddress address, Kind kind, int number) {
        counts.computeIfPresent(address.network(), (_, count) -> {
            Count next = count.add(kind, -number);
            return next.equals(Count.ZERO) ? null : next;
        });
    }

    /** Counts a surplus connection as one within the limit if possible. Returns whether it was possible. */
    boolean promote(ClientAddress address) {
        boolean[] promoted = new boolean[1];
        counts.computeIfPresent(address.network(), (_, count) -> {
            promoted[0] = count.within() < max;
            return promoted[0] ? new Count(count.within() + 1, count.surplus() - 1) : count;
        });
        return promoted[0];
    }

    /** Returns the number of addresses that have connections. */
    int size() {
        return counts.size();
    }
}
