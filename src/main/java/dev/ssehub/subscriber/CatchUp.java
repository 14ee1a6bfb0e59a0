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
    private long told;
    private boolean gapDue;
    /** The position of the newest missing event, as far as it is known. */
    private long lost;

    CatchUp(History history, SelectorSet selectors, long told, boolean gapDue) {
        this.history = history;
        this.selectors = selectors;
        this.told = told;
        this.gapDue = gapDue;
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

    /** A gap, and the place from which a client that has received it resumes. */
    record Missing(Gap gap, long place) {}

    /**
     * Returns the gap before the events of a slice, or {@code null}. It is returned only once, as soon as the slices show which event
     * follows.
     *
     * @param isLast whether no event follows the slice for now
     * @param after the position after which the slice was read
     * @param resumable the last position from which the client can resume
     * @param lastId the last id that the client has
     */
    @Nullable
    Missing missing(Slice slice, boolean isLast, long after, long resumable, @Nullable String lastId) {
        Event first = slice.events().isEmpty() ? null : slice.events().getFirst();
        if (!gapDue || (first == null && !isLast)) {
            return null;
        }
        // events of one topic can be left before the newest missing event of another: the client must not resume after them
        long place = first == null ? slice.upTo() : lost > after && first.position() > lost ? lost : resumable;
        gapDue = false;
        lost = 0;
        return new Missing(new Gap(HubId.text(place), lastId, first == null ? null : first.checkpoint(),
                first == null ? null : HubId.text(history.newest())), place);
    }
}
