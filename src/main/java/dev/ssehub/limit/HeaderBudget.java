package dev.ssehub.limit;

/** Limits the memory for the headers of all requests in progress. Thread-safe. */
public final class HeaderBudget {

    // While half of the memory is left, a request can take what it needs. Below that, a request can hold only a small fraction of
    // what is left. So large requests are refused first. Small requests, such as health checks, are refused only if thousands of
    // requests are in progress.

    private static final long MAX = 256L << 20;
    private static final int HEAP_DIVISOR = 8;
    private static final long REQUEST_DIVISOR = 1024;

    private final Budget budget;
    private final long half;

    public HeaderBudget(long bytes) {
        budget = new Budget(bytes);
        half = bytes / 2;
    }

    /** Returns a budget of an eighth of the heap, but at most 256 MB. */
    public static HeaderBudget ofHeap() {
        return new HeaderBudget(Math.min(MAX, Runtime.getRuntime().maxMemory() / HEAP_DIVISOR));
    }

    /** Takes more bytes for a request that already holds some. Returns whether they were taken. */
    public boolean take(int held, int bytes) {
        return budget.take(bytes, Math.min(half + bytes, REQUEST_DIVISOR * (held + bytes)));
    }

    public void giveBack(int held) {
        budget.giveBack(held);
    }

    public long left() {
        return budget.left();
    }
}
