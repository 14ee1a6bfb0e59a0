package dev.ssehub.limit;

import java.util.concurrent.atomic.AtomicInteger;

/** What the headers of all requests that are under way may take of the heap. Any thread may call. */
public final class HeaderBudget {

    // While half of it is left, a request takes what it needs. Then none may hold more than a small part of what is left, less
    // and less: so large requests go first, and small ones, health checks above all, are shut out only by thousands.

    private static final long MOST = 256L << 20;
    private static final int HEAP_PART = 8;
    private static final int REQUEST_PART = 1024;

    private final int half;
    private final AtomicInteger left;

    public HeaderBudget(int bytes) {
        half = bytes / 2;
        left = new AtomicInteger(bytes);
    }

    /** An eighth of the heap. */
    public static HeaderBudget ofHeap() {
        return new HeaderBudget((int) Math.min(MOST, Runtime.getRuntime().maxMemory() / HEAP_PART));
    }

    /** Takes so many bytes more for a request that holds some already; returns whether they are there. */
    public boolean take(int held, int bytes) {
        int before = left.getAndUpdate(now -> mayTake(now, held, bytes) ? now - bytes : now);
        return mayTake(before, held, bytes);
    }

    private boolean mayTake(int now, int held, int bytes) {
        return now - bytes >= half || held + bytes <= now / REQUEST_PART;
    }

    /** Gives back what a request holds. */
    public void giveBack(int held) {
        left.addAndGet(held);
    }

    /** How many bytes are left. */
    public int left() {
        return left.get();
    }
}
