package dev.ssehub.subscriber;

import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.history.History;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Subscriber.Next;
import dev.ssehub.topic.TimeSlice;

/** One turn of a subscriber's drainer. No lock is held while it finds out what to write, which can take long, and writes it. */
public final class Drain {

    public static final String EXPIRED_TYPE = "expired";

    private Drain() {}

    /** See {@link Subscriber#drain}. */
    static Next run(Hub hub, Subscriber subscriber, Consumer<List<byte[]>> writer, Runnable end) {
        try {
            Batch batch = subscriber.take();
            if (batch == null) {
                batch = fromHistory(hub, subscriber);
            } else if (batch.isEmpty() && subscriber.closed() != null) {
                if (!subscriber.hasLeft()) {
                    farewell(subscriber.closed(), writer);
                    end.run();
                }
                return Next.END;
            }
            write(batch, subscriber, writer);
        } finally {
            subscriber.stopWatching();
        }
        return subscriber.next();
    }

    private static void write(Batch batch, Subscriber subscriber, Consumer<List<byte[]>> writer) {
        batch.explain();
        byte[] large = batch.large();
        if (large != null) {
            subscriber.holds(large);
        }
        if (!batch.isEmpty()) {
            batch.writeTo(writer, subscriber::moved);
        }
    }

    /** As much as one write takes of what comes next; nothing if there is no more, or nothing for it as far as was looked. */
    private static Batch fromHistory(Hub hub, Subscriber subscriber) {
        History.Slice slice = hub.readHistory(subscriber);
        Batch batch = new Batch(subscriber.explanation());
        if (slice.gap() != null) {
            batch.add(slice.gap().frame());
        }
        TimeSlice turn = new TimeSlice();
        for (Event event : slice.events()) {
            boolean wanted = subscriber.wants(event);
            if (wanted) {
                if (!batch.hasRoomFor(event)) {
                    break;
                }
                batch.add(event);
            }
            subscriber.reached(event, wanted);
            if (turn.passes()) {
                break; // and see whether all is over meanwhile
            }
        }
        return batch;
    }

    /** Writes what a client must know that was not just cut off by something in between. */
    private static void farewell(@Nullable DisconnectReason reason, Consumer<List<byte[]>> writer) {
        byte[] frame = switch (reason) {
            case CAUGHT_UP -> EventEncoder.comment("end");
            case EXPIRED -> EventEncoder.event(null, EXPIRED_TYPE,
                    "{\"message\":\"the token has expired; a fresh one is needed to go on\"}");
            case null, default -> null;
        };
        if (frame != null) {
            writer.accept(List.of(frame));
        }
    }
}
