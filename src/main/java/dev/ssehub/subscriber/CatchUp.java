package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubEvents.Gap;
import dev.ssehub.event.HubId;
import dev.ssehub.history.History;
import dev.ssehub.history.Query;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** Reads the history while a subscriber catches up, and notices what is missing. Used only by the drainer of the subscriber. */
final class CatchUp {
    private final History history;
    private final SelectorSet selectors;
    private @Nullable Selection selection;
    /** The number of losses of the history that the client knows about. */
    private long told = History.UNKNOWN;
    private boolean gapDue;
    /** The position of the newest missing event, as far as it is known. */
    private long lost;

    CatchUp(History history, SelectorSet selectors) {
        this.history = history;
        this.selectors = selectors;
    }

    /** Finds the start. Called once, before the first read. May block on I/O. */
    Start start(Subscription subscription, OptionalLong known, Predicate<Event> mayReceive) {
        Start start = known.isPresent()
                ? Start.at(known.getAsLong(), subscription.lastEventId())
                : Start.of(subscription, selectors, history, mayReceive);
        if (start.catchesUp()) {
            told = start.told();
            gapDue = !start.isKnown();
        }
        return start;
    }

    /** Returns the newest position of the history. */
    long newest() {
        return history.newest();
    }

    /** Returns whether all topics have ended, and a subscriber that has everything up to a position has received the ends. */
    boolean isOver(long position, Predicate<Event> mayReceive) {
        long end = history.positionOfLastEnd(selectors, mayReceive);
        return end != History.UNKNOWN && end <= position;
    }

    /** Reads the next events after a position. Called without the subscriber's monitor, because it can take long. */
    Slice read(long after, Predicate<Event> mayReceive, ToIntFunction<Event> size) {
        Selection chosen = selection == null ? history.select(selectors, after, told) : selection;
        selection = chosen;
        Slice slice = history.read(new Query(after, told, chosen, mayReceive, size, Batch.WRITE_SIZE));
        told = slice.told();
        lost = Math.max(lost, slice.lost());
        gapDue |= slice.lost() > 0;
        return slice;
    }

    /** Moves the gap and the events of a slice to a batch, as far as they fit. Called with the subscriber's monitor held. */
    void take(Slice slice, Batch batch, Backlog backlog, Progress progress, Predicate<Event> mayReceive) {
        addGap(slice, batch, backlog.endsWith(slice), progress);
        if (!backlog.take(slice, batch, mayReceive, history.newest())) {
            selection = null;
            told = History.UNKNOWN;
            gapDue = false;
            lost = 0;
        }
    }

    /** Adds the gap before the events of a slice, if there is one, and as soon as the slices show which event follows. */
    private void addGap(Slice slice, Batch batch, boolean isLast, Progress progress) {
        Event first = slice.events().isEmpty() ? null : slice.events().getFirst();
        if (!gapDue || (first == null && !isLast)) {
            return;
        }
        long resumable = progress.resumable();
        // events of one topic can be left before the newest missing event of another: the client must not resume after them
        long place = first == null
                ? slice.upTo()
                : lost > progress.position() && first.position() > lost ? lost : resumable;
        batch.addGap(new Gap(HubId.text(place), progress.lastId(), first == null ? null : first.checkpoint(),
                first == null ? null : HubId.text(history.newest())).frame());
        progress.missed(resumable, Math.max(place, lost));
        progress.resumableAt(place);
        gapDue = false;
        lost = 0;
    }
}
