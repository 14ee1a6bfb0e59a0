package dev.ssehub.limit;

import module java.base;

/**
 * Limits the memory for the bodies of publish requests while they are read: in total, to half of the total for all publishers
 * without a token, and to a quarter for each client address. Thread-safe.
 */
public final class BodyBudgets {

    // Bytes are taken when they arrive. If they were taken by Content-Length, a client could use up the budget by announcing
    // bodies that it never sends.

    private static final int ANONYMOUS_DIVISOR = 2;
    private static final int ADDRESS_DIVISOR = 4;

    private final Budget all;
    private final Budget anonymous;
    private final int maxPerAddress;
    private final Map<ClientAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** Creates the budgets. No limit is lower than {@code min}, the maximum size of one request in bytes. */
    public BodyBudgets(int max, int min) {
        this.all = new Budget(max);
        this.anonymous = new Budget(Math.max(max / ANONYMOUS_DIVISOR, min));
        this.maxPerAddress = Math.max(max / ADDRESS_DIVISOR, min);
    }

    /** Takes bytes for a client. Returns false, and takes nothing, if a limit does not allow it. */
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
