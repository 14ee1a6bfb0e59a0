package dev.ssehub.limit;

/** The memory for the headers of all requests in progress. Any thread may call. */
public final class HeaderBudget {

    // While half of the memory is left, a request takes what it needs. Below that, no request may hold more than a small part of
    // what is left. So large requests are refused first. Small requests, above all health checks, are refused only when
    // thousands are in progress.

    private static final long MAX = 256L << 20;
    private static final int PART_OF_HEAP = 8;
    private static final long PART_PER_REQUEST = 1024;

    private final Budget budget;
    private final long half;

    public HeaderBudget(long bytes) {
        budget = new Budget(bytes);
        half = bytes / 2;
    }

    /** Returns a budget of an eighth of the heap, but at most 256 MB. */
    public static HeaderBudget ofHeap() {
        return new HeaderBudget(Math.min(MAX, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));
    }

    /** Takes bytes for a request that already holds some; returns whether there was room. */
    public boolean take(int held, int bytes) {
        return budget.take(bytes, Math.min(half + bytes, PART_PER_REQUEST * (held + bytes)));
    }

    public void giveBack(int held) {
        budget.giveBack(held);
    }

    public long left() {
        return budget.left();
    }
}
