package dev.ssehub.subscriber;

import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/** Watches the thread that writes to one subscriber. Not thread-safe: its subscriber guards it. */
final class WriteWatch {

    // A drainer writes to one subscriber after another. It must be interrupted only while it writes to this one, and an
    // interrupt that has come too late to end that write must not end the next one: so both happen under the guard, and
    // whoever stops being watched takes the interrupt back.

    private final LongSupplier nanoTime;
    private @Nullable Thread drainer;
    private byte @Nullable [] frame;
    private boolean interrupted;
    private long movedAt;
    private long heldAt;

    /** Watches the thread that calls: it is the first drainer. */
    WriteWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        begin();
    }

    /** Called by the drainer before it writes. */
    final void begin() {
        drainer = Thread.currentThread();
        moved();
    }

    /** Called by the drainer after something was written. */
    final void moved() {
        movedAt = nanoTime.getAsLong();
    }

    /** Called by the drainer before it writes a large frame. */
    void holds(byte[] large) {
        frame = large;
        heldAt = nanoTime.getAsLong();
    }

    /** Called by the drainer when it has written. */
    void end() {
        drainer = null;
        frame = null;
        moved();
        if (interrupted) {
            interrupted = false;
            Thread.interrupted();
        }
    }

    /** Whether there is a write that has not moved for so long. */
    boolean hangs(long nanos) {
        return drainer != null && stillFor(nanos);
    }

    /** Whether a large frame is being written for so long already, however well that goes. */
    boolean holdsFor(long nanos) {
        return frame != null && nanoTime.getAsLong() - heldAt >= nanos;
    }

    /** Whether nothing has been written for so long. */
    boolean stillFor(long nanos) {
        return nanoTime.getAsLong() - movedAt >= nanos;
    }

    /** When something was last written. */
    long movedAt() {
        return movedAt;
    }

    /** The large frame that is being written, if there is one. */
    byte @Nullable [] frame() {
        return frame;
    }

    /** Ends the write that is under way, if there is one. */
    void interrupt() {
        if (drainer != null) {
            interrupted = true;
            drainer.interrupt();
        }
    }
}
