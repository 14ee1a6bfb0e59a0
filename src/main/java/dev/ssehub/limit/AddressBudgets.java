package dev.ssehub.limit;

import module java.base;

/** Limits what each client address takes of something, such as connections. Thread-safe. */
final class AddressBudgets {
    private volatile int max;
    private final ConcurrentMap<ClientAddress, Integer> taken = new ConcurrentHashMap<>();

    /** @param max the maximum that one address may hold */
    AddressBudgets(int max) {
        this.max = max;
    }

    /** Replaces the maximum. An address that holds more keeps it. */
    void limit(int another) {
        max = another;
    }

    /** Takes a part for a {@linkplain ClientAddress#network counted address}. Returns false, and takes nothing, if that is too much. */
    boolean take(ClientAddress address, int part) {
        boolean[] fits = new boolean[1];
        taken.compute(address, (_, held) -> {
            int sum = (held == null ? 0 : held) + part;
            fits[0] = sum <= max;
            return fits[0] && sum > 0 ? Integer.valueOf(sum) : held;
        });
        return fits[0];
    }

    void giveBack(ClientAddress address, int part) {
        taken.computeIfPresent(address, (_, held) -> held <= part ? null : Integer.valueOf(held - part));
    }

    /** Returns the addresses that hold a part. */
    Set<ClientAddress> holders() {
        return taken.keySet();
    }
}
