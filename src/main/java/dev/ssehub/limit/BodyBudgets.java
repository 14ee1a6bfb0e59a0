package dev.ssehub.limit;

import module java.base;

/**
 * Limits the memory for the bodies of publish requests while they are read: in total, to half of the total for all publishers
 * without a token, and to a quarter for each client address. Thread-safe.
 */
public final class BodyBudgets {
    // Bytes are taken when they arrive. If they were taken by Content-Length, a client could use up the budget by announcing
    // bodies that it never sends.

    private final Budget all;
    private final Budget anonymous;
    private final AddressBudgets byAddress;

    /** Creates the budgets. No limit is lower than {@code min}, the maximum size of one request in bytes. */
    public BodyBudgets(int max, int min) {
        this.all = new Budget(max);
        this.anonymous = new Budget(Math.max(max / 2, min));
        this.byAddress = new AddressBudgets(Math.max(max / 4, min));
    }

    /** Takes bytes for a client. Returns false, and takes nothing, if a limit does not allow it. */
    public boolean take(ClientAddress client, boolean hasToken, int bytes) {
        if (!byAddress.take(client, bytes)) {
            return false;
        }
        if (!all.take(bytes)) {
            byAddress.giveBack(client, bytes);
            return false;
        }
        if (!hasToken && !anonymous.take(bytes)) {
            byAddress.giveBack(client, bytes);
            all.giveBack(bytes);
            return false;
        }
        return true;
    }

    public void giveBack(ClientAddress client, boolean hasToken, int bytes) {
        byAddress.giveBack(client, bytes);
        all.giveBack(bytes);
        if (!hasToken) {
            anonymous.giveBack(bytes);
        }
    }
}
