package dev.ssehub.hub;

import java.util.IdentityHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Subscriber;

/**
 * Bounds what clients that read slowly, or not at all, make the hub hold besides its history: large frames in the middle of which
 * they are, and mailboxes with what the history no longer has.
 */
public final class StallLimit {

    /** So much may all of them together. */
    static final long MAX_BYTES = 64L << 20;

    private StallLimit() {}

    /**
     * What one client holds.
     *
     * @param since when something was last written to it, in terms of {@link System#nanoTime}
     * @param frame stands for the large frame that is being written, if there is one; others may be in the middle of the same
     * @param size its bytes
     * @param waiting the bytes in its mailbox
     */
    public record Stall(Subscriber subscriber, long since, @Nullable Object frame, int size, int waiting) {}

    /** Ends those who have not read for longest, until the others hold no more than this. */
    static void enforce(List<Stall> stalls, long maxBytes) {
        IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
        long bytes = 0;
        for (Stall stall : stalls) {
            bytes += stall.waiting() + (stall.frame() != null && holders.merge(stall.frame(), 1, Integer::sum) == 1
                    ? stall.size()
                    : 0);
        }
        if (bytes <= maxBytes) {
            return;
        }
        for (Stall stall : stalls.stream().sorted((a, b) -> Long.signum(a.since() - b.since())).toList()) {
            stall.subscriber().abort(DisconnectReason.TOO_SLOW);
            bytes -= stall.waiting() + (stall.frame() != null && holders.merge(stall.frame(), -1, Integer::sum) == 0
                    ? stall.size()
                    : 0);
            if (bytes <= maxBytes) {
                return;
            }
        }
    }
}
