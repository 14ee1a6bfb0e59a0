package dev.ssehub.subscriber;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.topic.TimeSlice;

/** The frames that leave in one write: as many as fit, and one at least. For one thread. */
public final class Batch {

    /**
     * So much is joined into one write. A client that does not read holds it in memory, and so may all of them at once, when a
     * network fails: it is little. It is enough to make what a write costs by itself the lesser part of it: with half of it, a
     * third less could be delivered.
     */
    static final int WRITE_SIZE = 8 * 1024;
    /** A large frame is held besides, and copied: so much at a time. */
    private static final int PART_SIZE = WRITE_SIZE / 2;

    private final @Nullable EventAnnotation explanation;
    private final List<byte[]> frames = new ArrayList<>();
    /** Come after the frames, when they are explained. */
    private final List<Event> unexplained;
    private int size;

    /** @param explanation says of each event why it is there, {@code null} to say nothing */
    Batch(@Nullable EventAnnotation explanation) {
        this.explanation = explanation;
        this.unexplained = explanation == null ? List.of() : new ArrayList<>();
    }

    /** Whether this event still fits. */
    boolean hasRoomFor(Event event) {
        return isEmpty() || size + sizeOf(event) <= WRITE_SIZE;
    }

    void add(Event event) {
        if (explanation == null) {
            add(event.frame());
        } else {
            unexplained.add(event);
            size += sizeOf(event);
        }
    }

    /** Adds a frame that is no event's. It comes before all that are. */
    void add(byte[] frame) {
        frames.add(frame);
        size += frame.length;
    }

    /** To be called before anything is written, and without any lock: it may take long. */
    void explain() {
        if (explanation != null) {
            TimeSlice turn = new TimeSlice();
            for (Event event : unexplained) {
                explanation.addTo(frames, event);
                frames.add(event.frame());
                turn.passes();
            }
            unexplained.clear();
            size = frames.stream().mapToInt(frame -> frame.length).sum();
        }
    }

    private int sizeOf(Event event) {
        return event.frame().length + (explanation == null ? 0 : explanation.maxSize(event));
    }

    boolean isEmpty() {
        return frames.isEmpty() && unexplained.isEmpty();
    }

    /** Its event's frame, if it is of more than one write's size: then it has no other event. Others may be sent the same. */
    byte @Nullable [] large() {
        return size > WRITE_SIZE ? frames.getLast() : null;
    }

    /** Writes it. What is of more than one write's size is written in parts that can be seen to move. */
    void writeTo(Consumer<List<byte[]>> writer, Runnable moved) {
        if (size <= WRITE_SIZE) {
            writer.accept(frames);
            return;
        }
        for (byte[] frame : frames) {
            for (int from = 0; from < frame.length; from += PART_SIZE) {
                writer.accept(List.of(Arrays.copyOfRange(frame, from, Math.min(frame.length, from + PART_SIZE))));
                moved.run();
            }
        }
    }
}
