package dev.ssehub.subscriber;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Watches the writes to one subscriber: when they last made progress, and which thread is writing. Not thread-safe: its subscriber guards it. */
final class WriteWatch {

    // A drainer writes to one subscriber after another, and it must be interrupted only while it writes to this one. An interrupt
    // that comes too late must not end its next write. So both the check and the interrupt happen under the subscriber's monitor,
    // and end() takes back an interrupt that was not used.

    private final LongSupplier nanoTime;
    private @Nullable Thread drainer;
    private byte @Nullable [] largeFrame;
    private boolean interrupted;
    private long movedAt;
    private long largeFrameAt;

    /** Watches the calling thread, which is the first drainer. */
    WriteWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        begin();
    }

    /** Called by the drainer before it writes. */
    void begin() {
        drainer = Thread.currentThread();
        moved();
    }

    /** Called by the drainer whenever a part was written. */
    void moved() {
        movedAt = nanoTime.getAsLong();
    }

    /** Called by the drainer before it writes a large frame, or anything else ({@code null}). */
    void holds(byte @Nullable [] frame) {
        largeFrame = frame;
        largeFrameAt = nanoTime.getAsLong();
    }

    /** Called by the drainer after it has written. */
    void end() {
        drainer = null;
        largeFrame = null;
        moved();
        if (interrupted) {
            interrupted = false;
            Thread.interrupted();
        }
    }

    /** Returns whether a write is under way that has made no progress for this time. */
    boolean hangs(long nanos) {
        return drainer != null && isIdle(nanos);
    }

    /** Returns whether a write hangs, or one large frame has been in memory for this time, however steadily it is written. */
    boolean isStalled(long nanos) {
        return hangs(nanos) || (largeFrame != null && nanoTime.getAsLong() - largeFrameAt >= nanos);
    }

    /** Returns whether nothing was written for this time. */
    boolean isIdle(long nanos) {
        return nanoTime.getAsLong() - movedAt >= nanos;
    }

    /** Returns the {@link System#nanoTime} of the last progress. */
    long movedAt() {
        return movedAt;
    }

    /** Returns the large frame that is being written, or {@code null}. */
    byte @Nullable [] largeFrame() {
        return largeFrame;
    }

    /** Interrupts the write that is under way, if there is one. */
    void interrupt() {
        if (drainer != null) {
            interrupted = true;
            drainer.interrupt();
        }
    }
}
