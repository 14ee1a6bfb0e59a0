package dev.ssehub.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many bytes of requests to publish are in memory before they are events: in all, of those without a token, who may have half of
 * all, and of each client address, which may have a quarter. They are taken as they come, so that what is only announced keeps nobody
 * out. Any thread may call.
 */
public final class BodyBudgets {

    private static final int PART_OF_ANONYMOUS = 2;
    private static final int PART_OF_ADDRESS = 4;

    private final int mostOfAddress;
    private final AtomicInteger left;
    private final AtomicInteger leftToAnonymous;
    private final Map<ClientAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** @param least so much each part is at least: one request */
    public BodyBudgets(int most, int least) {
        this.mostOfAddress = Math.max(most / PART_OF_ADDRESS, least);
        this.left = new AtomicInteger(most);
        this.leftToAnonymous = new AtomicInteger(Math.max(most / PART_OF_ANONYMOUS, least));
    }

    /** Takes so many for a client, and returns whether they are there. */
    public boolean take(ClientAddress client, boolean hasToken, int bytes) {
        if (!take(left, bytes)) {
            return false;
        }
        if (hasToken || take(leftToAnonymous, bytes)) {
            if (takeOfAddress(client, bytes)) {
                return true;
            }
            if (!hasToken) {
                leftToAnonymous.addAndGet(bytes);
            }
        }
        left.addAndGet(bytes);
        return false;
    }

    private static boolean take(AtomicInteger left, int bytes) {
        return left.getAndUpdate(now -> now >= bytes ? now - bytes : now) >= bytes;
    }

    private boolean takeOfAddress(ClientAddress client, int bytes) {
        boolean[] taken = new boolean[1];
        byAddress.compute(client, (_, held) -> {
            int more = (held == null ? 0 : held) + bytes;
            taken[0] = more <= mostOfAddress;
            return taken[0] ? Integer.valueOf(more) : held;
        });
        return taken[0];
    }

    /** Gives back what a client has taken. */
    public void giveBack(ClientAddress client, boolean hasToken, int bytes) {
        byAddress.compute(client, (_, held) -> held == null || held <= bytes ? null : Integer.valueOf(held - bytes));
        if (!hasToken) {
            leftToAnonymous.addAndGet(bytes);
        }
        left.addAndGet(bytes);
    }
}
