package dev.ssehub.limit;

import module java.base;

/**
 * Limits the memory for the bodies of publish requests, from the first byte until the update is published. Publishers without a
 * token may take half of it, and each client address a quarter. Thread-safe.
 */
public final class BodyBudgets {
    // Bytes are taken when they arrive. If they were taken by Content-Length, a client could use up the budget by announcing
    // bodies that it never sends.

    /** Bodies may take this part of the heap, whatever the configuration says. With their copies, they need several times as much. */
    private static final int HEAP_DIVISOR = 8;

    private final Budget all;
    private final Budget anonymous;
    private final AddressBudgets byAddress;

    /** Creates the budgets. No limit is lower than {@code min}, the maximum size of one request in bytes. */
    public BodyBudgets(int max, int min) {
        this(max, min, Runtime.getRuntime().maxMemory());
    }

    BodyBudgets(int max, int min, long heap) {
        int total = (int) Math.max(Math.min(max, heap / HEAP_DIVISOR), min);
        this.all = new Budget(total);
        this.anonymous = new Budget(Math.max(total / 2, min));
        this.byAddress = new AddressBudgets(Math.max(total / 4, min));
    }

    /** Creates the account of one request of this client. */
    public Body of(ClientAddress client, boolean hasToken) {
        return new Body(client, hasToken);
    }

    /** The bytes that one request has taken. For one thread. */
    public final class Body implements AutoCloseable {
        private final ClientAddress client;
        private final boolean hasToken;
        private int taken;

        private Body(ClientAddress client, boolean hasToken) {
            this.client = client;
            this.hasToken = hasToken;
        }

        /** Takes bytes. Returns false, and takes nothing, if a limit does not allow it. */
        public boolean take(int bytes) {
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
            taken += bytes;
            return true;
        }

        /** Gives the bytes back. */
        @Override
        public void close() {
            byAddress.giveBack(client, taken);
            all.giveBack(taken);
            if (!hasToken) {
                anonymous.giveBack(taken);
            }
            taken = 0;
        }
    }
}
