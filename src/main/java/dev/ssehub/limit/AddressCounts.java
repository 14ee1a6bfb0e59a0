package dev.ssehub.limit;

import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.jspecify.annotations.Nullable;

/** How many connections each client address has: IPv6 by network. Any thread may call. */
final class AddressCounts {

    private static final System.Logger LOG = System.getLogger(AddressCounts.class.getName());
    /** Of those that are too many, so many are told so. */
    private static final int MOST_SURPLUS = 16;

    /** What became of one more connection. */
    enum Kind {
        /** It is one of those that the address may have. */
        WITHIN,
        /** It is one more than that, and there are few of these. */
        SURPLUS,
        /** It is not counted: there are too many. */
        NONE
    }

    private record Count(int within, int surplus) {

        static final Count NONE = new Count(0, 0);

        Count add(Kind kind, int by) {
            return switch (kind) {
                case WITHIN -> new Count(within + by, surplus);
                case SURPLUS -> new Count(within, surplus + by);
                case NONE -> this;
            };
        }
    }

    private final int most;
    private final LogThrottle telling = new LogThrottle();
    private final ConcurrentMap<ClientAddress, Count> counts = new ConcurrentHashMap<>();

    AddressCounts(int most) {
        this.most = most;
    }

    /** One more. */
    Kind add(ClientAddress address) {
        return add(address, 1, MOST_SURPLUS);
    }

    /** So many more of those that the address may have, if it may have all of these; returns whether. */
    boolean addWithin(ClientAddress address, int number) {
        return number == 0 || add(address, number, 0) == Kind.WITHIN;
    }

    private Kind add(ClientAddress address, int number, int mostSurplus) {
        Kind[] kind = {Kind.NONE};
        counts.compute(address.network(), (_, known) -> {
            Count count = known == null ? Count.NONE : known;
            kind[0] = count.within() + number <= most ? Kind.WITHIN : count.surplus() < mostSurplus ? Kind.SURPLUS : Kind.NONE;
            return count.add(kind[0], number);
        });
        if (kind[0] != Kind.WITHIN && telling.isDue()) {
            LOG.log(Level.WARNING, address.network().text() + " has " + most + " connections, as many as one address may have "
                    + "(sse-hub.limits.max-connections-per-address); more are refused. If it is a proxy, it should be named in "
                    + "sse-hub.limits.trusted-proxies, and send X-Forwarded-For. Others are only counted for a minute");
        }
        return kind[0];
    }

    /** One less of this kind. */
    void remove(ClientAddress address, Kind kind) {
        remove(address, kind, 1);
    }

    /** So many less of those that the address may have. */
    void removeWithin(ClientAddress address, int number) {
        remove(address, Kind.WITHIN, number);
    }

    private void remove(ClientAddress address, Kind kind, int number) {
        counts.computeIfPresent(address.network(), (_, count) -> {
            Count next = count.add(kind, -number);
            return next.within() + next.surplus() == 0 ? null : next;
        });
    }

    /** A surplus connection becomes one of those that the address may have, if there is room; returns whether. */
    boolean promote(ClientAddress address) {
        Count[] before = new Count[1];
        counts.computeIfPresent(address.network(), (_, count) -> {
            before[0] = count;
            return count.within() < most ? count.add(Kind.SURPLUS, -1).add(Kind.WITHIN, 1) : count;
        });
        @Nullable
        Count found = before[0];
        return found != null && found.within() < most;
    }

    /** How many addresses have any. */
    int size() {
        return counts.size();
    }
}
