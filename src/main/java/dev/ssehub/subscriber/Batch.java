package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.TimeSlice;
import org.jspecify.annotations.Nullable;

/** The frames of one write: as many as fit, but at least one. For one thread. */
final class Batch {
    /**
     * The maximum size of one write, in bytes. It is small because each stalled client keeps one write in memory, and a network
     * failure can stall all clients at once. But a write has a fixed cost: with half the size, the hub delivers a third less.
     */
    static final int WRITE_SIZE = 8 * 1024;
    /** A frame that exceeds {@link #WRITE_SIZE} is copied and written in parts of this size. */
    private static final int PART_SIZE = WRITE_SIZE / 2;

    /** Adds lines to each event; {@code null} to add no lines. */
    private final @Nullable EventAnnotation annotation;
    private final List<byte[]> frames = new ArrayList<>();
    /** The events whose annotations are not encoded yet. They follow the frames. */
    private final List<Event> unannotated;
    private int events;
    private int size;
    /** The position of the newest event that comes from the mailbox, or 0. */
    private long newest;
    private boolean hasGap;
    /** If this may be the last batch: the position that the subscriber reaches with it. Otherwise {@link Progress#NONE}. */
    private long end = Progress.NONE;

    Batch(@Nullable EventAnnotation annotation) {
        this.annotation = annotation;
        this.unannotated = annotation == null ? List.of() : new ArrayList<>();
    }

    boolean hasRoomFor(Event event) {
        return isEmpty() || size + sizeOf(event) <= WRITE_SIZE;
    }

    /** Adds an event of the history. */
    void add(Event event) {
        events++;
        if (annotation == null) {
            add(event.frame());
        } else {
            unannotated.add(event);
            size += sizeOf(event);
        }
    }

    /** Adds an event of the mailbox. */
    void addLive(Event event) {
        add(event);
        newest = event.position();
    }

    /** Adds the frame of a gap. */
    void addGap(byte[] frame) {
        add(frame);
        hasGap = true;
    }

    /** Adds a frame without an annotation. Frames that do not belong to an event must be added before all events. */
    void add(byte[] frame) {
        frames.add(frame);
        size += frame.length;
    }

    /** Adds the annotations. Called before the first write, and without a lock, because it can be slow. */
    void annotate(Permission permission) {
        if (annotation == null) {
            return;
        }
        TimeSlice slice = new TimeSlice();
        for (Event event : unannotated) {
            annotation.addTo(frames, event, permission);
            frames.add(event.frame());
            slice.pauseIfOver();
        }
        unannotated.clear();
        size = frames.stream().mapToInt(frame -> frame.length).sum();
    }

    int sizeOf(Event event) {
        return event.frame().length + (annotation == null ? 0 : annotation.maxSize(event));
    }

    int events() {
        return events;
    }

    /** Returns the number of bytes, which is exact after {@link #annotate}. */
    int size() {
        return size;
    }

    /** Notes that this may be the last batch, and the position that the subscriber reaches with it. */
    void mayEndAt(long position) {
        end = position;
    }

    boolean mayBeLast() {
        return end != Progress.NONE;
    }

    long end() {
        return end;
    }

    boolean isEmpty() {
        return frames.isEmpty() && unannotated.isEmpty();
    }

    /** Returns the frame of the batch's only event if it is too large for one write, otherwise {@code null}. */
    byte @Nullable [] largeFrame() {
        return size > WRITE_SIZE ? frames.getLast() : null;
    }

    /** Writes the frames, and counts them. If they are too large for one write, {@code progressed} is called after each part. */
    void writeTo(Consumer<List<byte[]>> writer, Runnable progressed, HubMetrics metrics, InstantSource clock) {
        long began = clock.millis();
        writeTo(writer, progressed);
        count(metrics, began);
    }

    private void writeTo(Consumer<List<byte[]>> writer, Runnable progressed) {
        if (size <= WRITE_SIZE) {
            writer.accept(frames);
            return;
        }
        for (byte[] frame : frames) {
            for (int from = 0; from < frame.length; from += PART_SIZE) {
                writer.accept(List.of(Arrays.copyOfRange(frame, from, Math.min(frame.length, from + PART_SIZE))));
                progressed.run();
            }
        }
    }

    /** Counts the batch as written. The newest event of a mailbox tells how long events have waited until the write began. */
    private void count(HubMetrics metrics, long beganMillis) {
        metrics.written(events, size);
        if (hasGap) {
            metrics.toldGap();
        }
        if (newest > 0) {
            metrics.delivered(Math.max(0, beganMillis - HubId.millis(newest)));
        } else if (events > 0) {
            metrics.caughtUp(events);
        }
    }
}
