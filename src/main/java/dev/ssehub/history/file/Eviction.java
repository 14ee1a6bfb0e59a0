package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.database.DatabaseException;
import org.jspecify.annotations.Nullable;

/** Removes from the file what exceeds a limit, and what somebody wants forgotten. For the log's thread. */
final class Eviction {
    // First the ledger gives an event up, so that no reader misses the loss. The next transaction removes it. A step has a limited
    // number of events, and further steps follow, so removing many events delays no publisher for long.

    /** The most events that one step gives up, besides two for each event that was added. */
    private static final int MAX_EVENTS = 100;
    private static final int REMEMBERED_IDS = 10_000;

    /** A topic that somebody wants forgotten, up to a position. */
    private static final class Request {
        private final @Nullable FilePast past;
        private final long upTo;
        private final List<CompletableFuture<?>> waiting = new ArrayList<>();
        private boolean isInFile;

        Request(@Nullable FilePast past, long upTo) {
            this.past = past;
            this.upTo = upTo;
        }

        boolean isDone() {
            return past == null || past.events() == 0 || past.oldestPosition() > upTo;
        }
    }

    private final Ledger ledger;
    /** For each topic, the position up to which the next transaction removes its events. */
    private final SequencedMap<FilePast, Long> removals = new LinkedHashMap<>();
    /** The topics that may hold too much. */
    private final SequencedSet<FilePast> unchecked = new LinkedHashSet<>();
    private final SequencedMap<String, Request> requests = new LinkedHashMap<>();
    private boolean hasMore;

    Eviction(Ledger ledger) {
        this.ledger = ledger;
        this.unchecked.addAll(ledger.topics());
    }

    /** Takes topics that have new events. */
    void check(List<FilePast> changed) {
        unchecked.addAll(changed);
    }

    /** Returns whether the next transaction removes something. */
    boolean isDue() {
        return !removals.isEmpty();
    }

    /** Returns whether another step should follow at once. */
    boolean hasMore() {
        return hasMore;
    }

    /** Removes what was given up. Called in a transaction. */
    void remove(LogWriter writer, int added) throws DatabaseException {
        for (Request request : requests.values()) {
            if (!request.isInFile && request.past != null) { // so that a restart continues
                writer.setLost(request.past.number(), request.upTo);
            }
        }
        LogBatch.remove(writer, removals);
        if (!removals.isEmpty()) {
            writer.trimOwnIds(REMEMBERED_IDS, 2 * (MAX_EVENTS + added));
        }
    }

    /** Called after the commit. */
    void removed() {
        requests.values().forEach(request -> request.isInFile = true);
        removals.clear();
    }

    /** Lets the ledger give up what exceeds a limit. The next transaction removes it from the file. */
    void giveUp(LogWriter writer, int added) throws DatabaseException {
        int left = MAX_EVENTS + 2 * added;
        hasMore = false;
        for (FilePast past = ledger.exceeding(unchecked); past != null; past = ledger.exceeding(unchecked)) {
            if (left-- == 0) {
                hasMore = true;
                return;
            }
            if (!past.knowsSize()) {
                ledger.know(past, true, writer.oldest(past.number(), past.oldestPosition() - 1, FilePast.MAX_KNOWN));
            }
            Long after = past.needsEntriesAfter();
            if (after != null) {
                ledger.know(past, false, writer.oldest(past.number(), after, FilePast.MAX_KNOWN));
            }
            removals.put(past, ledger.giveUpOldest(past));
        }
        hasMore = !removals.isEmpty(); // so that they are removed even if nothing is published
    }

    /**
     * Begins to forget what a topic has now. For readers, it is lost at once.
     *
     * @param done completes when it is removed, or fails if the file cannot be changed now; then it is removed later
     */
    void forget(LogWriter writer, String topic, CompletableFuture<?> done) throws DatabaseException {
        FilePast past = ledger.find(topic);
        Request request = new Request(past, past == null ? 0 : writer.newest(past.number()));
        if (past != null) {
            ledger.lose(past, request.upTo);
            unchecked.add(past);
        }
        Request before = requests.put(topic, request);
        if (before != null) {
            request.waiting.addAll(before.waiting);
        }
        request.waiting.add(done);
    }

    /** Answers the requests whose events are removed. Returns whether there were any. */
    boolean finish(LogWriter writer) throws DatabaseException {
        List<String> finished = requests.entrySet().stream().filter(entry -> entry.getValue().isDone()).map(Map.Entry::getKey)
                .toList();
        for (String topic : finished) {
            ledger.forgetRecent(topic);
            writer.forgetIds(topic);
            Objects.requireNonNull(requests.remove(topic)).waiting.forEach(done -> done.complete(null));
        }
        return !finished.isEmpty();
    }

    /** Takes note that nothing can be removed now: no other step follows at once, and nobody waits for a topic to be forgotten. */
    void fail(Exception cause) {
        hasMore = false;
        for (Request request : requests.values()) {
            request.waiting.forEach(done -> done.completeExceptionally(cause));
            request.waiting.clear();
        }
    }

    /** Begins anew with an empty file. */
    void clear() {
        removals.clear();
        unchecked.clear();
        requests.values().forEach(request -> request.waiting.forEach(done -> done.complete(null)));
        requests.clear();
    }
}
