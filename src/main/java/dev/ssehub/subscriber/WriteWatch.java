package dev.ssehub.subscriber;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Watches the drainer of one subscriber: whether there is one, which thread is writing, and when a write last made progress. Not
 * thread-safe: the subscriber's monitor guards it.
 */
final class WriteWatch {
    // The drainer calls begin() before it writes, progressed() after each part of a write, and end() after the write.
    //
    // A drainer writes to one subscriber after another, and must be interrupted only while it writes to this subscriber. A late
    // interrupt must not end the next write. So the check and the interrupt happen under the subscriber's monitor, and end()
    // clears an interrupt that had no effect.

    private final LongSupplier nanoTime;
    private final Runnable ready;
    private boolean draining = true;
    private @Nullable Thread drainer;
    private byte @Nullable [] largeFrame;
    private boolean interrupted;
    private long progressedAt;
    private long largeFrameAt;

    /**
     * Starts to watch the calling thread, which is the first drainer.
     *
     * @param ready requests another drainer
     */
    WriteWatch(LongSupplier nanoTime, Runnable ready) {
        this.nanoTime = nanoTime;
        this.ready = ready;
        begin();
    }

    /** Requests a drainer, unless there is one. */
    void wake() {
        if (!draining) {
            draining = true;
            ready.run();
        }
    }

    /** Records that the drainer has nothing left to write, and is none any more. */
    void rest() {
        draining = false;
    }

    void begin() {
        drainer = Thread.currentThread();
        progressed();
    }

    void progressed() {
        progressedAt = nanoTime.getAsLong();
    }

    /** Sets the large frame that is written next, or {@code null} if the next write has none. */
    void largeFrame(byte @Nullable [] frame) {
        largeFrame = frame;
        largeFrameAt = frame == null ? 0 : nanoTime.getAsLong();
    }

    void end() {
        drainer = null;
        largeFrame = null;
        progressed();
        if (interrupted) {
            interrupted = false;
            Thread.interrupted();
        }
    }

    /** Returns whether a write is in progress and has not progressed for this time. */
    boolean hangs(long nanos) {
        return drainer != null && hasNoProgress(nanos);
    }

    /** Returns whether a write hangs, or the write of a large frame has taken this time, even if it makes progress. */
    boolean isStalled(long nanos) {
        return hangs(nanos) || (largeFrame != null && nanoTime.getAsLong() - largeFrameAt >= nanos);
    }

    /** Returns whether there is no drainer, and nothing has been written for this time. */
    boolean isIdle(long nanos) {
        return !draining && hasNoProgress(nanos);
    }

    private boolean hasNoProgress(long nanos) {
        return nanoTime.getAsLong() - progressedAt >= nanos;
    }

    /** Returns the time since a write in progress last made progress; -1 if no write is in progress. */
    long stalledNanos() {
        return drainer == null ? -1 : nanoTime.getAsLong() - progressedAt;
    }

    /** Returns the memory that is held while a large frame is written, or {@code null} if none is. */
    StreamStatus.@Nullable Stall stall() {
        long now = nanoTime.getAsLong();
        return largeFrame == null
                ? null
                : new StreamStatus.Stall(now - largeFrameAt, now - progressedAt, largeFrame, largeFrame.length);
    }

    /** Interrupts the write in progress, if any. */
    void interrupt() {
        if (drainer != null) {
            interrupted = true;
            drainer.interrupt();
        }
    }
}
