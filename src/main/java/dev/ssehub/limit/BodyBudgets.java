package dev.ssehub.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the memory for the bodies of publish requests while they are read: in total, half of it for publishers without a token,
 * and a quarter for each client address. Any thread may call.
 */
public final class BodyBudgets {

    // Bytes are taken when they arrive. If the Content-Length counted instead, a client could use up the memory by announcing
    // bodies that it never sends.

    private static final int PART_FOR_ANONYMOUS = 2;
    private static final int PART_PER_ADDRESS = 4;

    private final Budget all;
    private final Budget anonymous;
    private final int maxPerAddress;
    private final Map<ClientAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** Creates the budgets; no bound is lower than {@code least}, the bytes of one request. */
    public BodyBudgets(int max, int least) {
        this.all = new Budget(max);
        this.anonymous = new Budget(Math.max(max / PART_FOR_ANONYMOUS, least));
        this.maxPerAddress = Math.max(max / PART_PER_ADDRESS, least);
    }

    /** Takes bytes for a client; returns whether all bounds allowed it. */
    public boolean take(ClientAddress client, boolean hasToken, int bytes) {
        if (!all.take(bytes)) {
            return false;
        }
        if (!hasToken && !anonymous.take(bytes)) {
            all.giveBack(bytes);
            return false;
        }
        if (!takeForAddress(client, bytes)) {
            giveBack(hasToken, bytes);
            return false;
        }
        return true;
    }

    private boolean takeForAddress(ClientAddress client, int bytes) {
        boolean[] taken = new boolean[1];
        byAddress.compute(client, (_, held) -> {
            int sum = (held == null ? 0 : held) + bytes;
            taken[0] = sum <= maxPerAddress;
            return taken[0] ? Integer.valueOf(sum) : held;
        });
        return taken[0];
    }

    /** Gives back bytes that a client has taken. */
    public void giveBack(ClientAddress client, boolean hasToken, int bytes) {
        byAddress.compute(client, (_, held) -> held == null || held <= bytes ? null : Integer.valueOf(held - bytes));
        giveBack(hasToken, bytes);
    }

    private void giveBack(boolean hasToken, int bytes) {
        if (!hasToken) {
            anonymous.giveBack(bytes);
        }
        all.giveBack(bytes);
    }
}
