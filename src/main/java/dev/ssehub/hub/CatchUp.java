package dev.ssehub.hub;

/** What a subscriber writes next that reads the history. */
final class CatchUp {

    private CatchUp() {}

    /**
     * As much as one write takes of what comes next in the history; nothing if there is no more, or nothing for it as far as was
     * looked. Called by the subscriber's drainer, without any lock: the selectors that are tried can be many, and costly.
     */
    static Batch next(Hub hub, Subscriber subscriber) {
        History.Slice slice = hub.readHistory(subscriber);
        Batch batch = new Batch(subscriber.explanation());
        if (slice.gap() != null) {
            batch.add(slice.gap().frame());
        }
        Turn turn = new Turn();
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
}
