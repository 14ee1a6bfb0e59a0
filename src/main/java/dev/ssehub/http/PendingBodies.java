package dev.ssehub.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many bytes of requests to publish are in memory before they are events: in all, and of each client address, which may have a
 * quarter of all. They are taken as they come, so that what is only announced keeps nobody out. Any thread may call.
 */
final class PendingBodies {

    private static final int PART_OF_ADDRESS = 4;

    private final int mostOfAddress;
    private final AtomicInteger left;
    private final Map<ClientAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** @param least
     *            so much an address may have at least: one request */
    PendingBodies(int most, int least) {
        this.mostOfAddress = Math.max(most / PART_OF_ADDRESS, least);
        this.left = new AtomicInteger(most);
    }

    /** Takes so many for a client, and returns whether they are there. */
    boolean take(ClientAddress client, int bytes) {
        int before = left.getAndUpdate(now -> now >= bytes ? now - bytes : now);
        if (before < bytes) {
            return false;
        }
        boolean[] taken = new boolean[1];
        byAddress.compute(client, (_, held) -> {
            int more = (held == null ? 0 : held) + bytes;
            taken[0] = more <= mostOfAddress;
            return taken[0] ? Integer.valueOf(more) : held;
        });
        if (!taken[0]) {
            left.addAndGet(bytes);
        }
        return taken[0];
    }

    /** Gives back what a client has taken. */
    void giveBack(ClientAddress client, int bytes) {
        byAddress.compute(client, (_, held) -> held == null || held <= bytes ? null : Integer.valueOf(held - bytes));
        left.addAndGet(bytes);
    }
}
