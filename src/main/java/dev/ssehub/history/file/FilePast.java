package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.Rule;
import dev.ssehub.history.TopicPast;
import org.jspecify.annotations.Nullable;

/** The past of a topic whose events are in the file. It knows only its oldest entries. Guarded by the ledger's monitor. */
final class FilePast extends TopicPast {
    /** The most entries that are known, so that the history can give up events without a query for each. */
    static final int MAX_KNOWN = 64;

    private final long number;
    private final Deque<LogWriter.Entry> oldest = new ArrayDeque<>(1);

    FilePast(String topic, Rule rule, long number) {
        super(topic, rule);
        this.number = number;
    }

    /** Returns the past that a topic had before a restart. */
    static FilePast of(LogReader.Summary topic, Rule rule) {
        FilePast past = new FilePast(topic.name(), rule, topic.number());
        if (topic.events() > 0) { // the size of the oldest entry is not known
            past.oldest.add(new LogWriter.Entry(topic.oldest(), -1, topic.oldestLogged()));
        }
        return past;
    }

    /** Returns the number of the topic in the file. */
    long number() {
        return number;
    }

    @Override
    public long oldestPosition() {
        return oldest.getFirst().position();
    }

    @Override
    public long oldestMillis() {
        return oldest.getFirst().logged();
    }

    /** Takes the entry of a new event. Called before the event is counted. */
    void add(LogWriter.Entry newest) {
        if (oldest.size() == events() && oldest.size() < MAX_KNOWN) {
            oldest.add(newest);
        }
    }

    /** Returns the position after which more entries must be read before the oldest entry is removed; {@code null} if none. */
    @Nullable
    Long needsEntriesAfter() {
        return oldest.size() <= 1 && events() > oldest.size() ? oldest.getFirst().position() : null;
    }

    /** Takes the entries that follow the oldest one. */
    void know(List<LogWriter.Entry> next) {
        oldest.addAll(next);
    }

    /** Returns whether the size of the oldest entry is known. */
    boolean knowsSize() {
        return oldest.getFirst().size() >= 0;
    }

    /** Replaces the oldest entry, whose size was not known. */
    void knowSize(List<LogWriter.Entry> first) {
        oldest.clear();
        oldest.addAll(first);
    }

    /** Returns whether the oldest entry is not known although there are events. The file has fewer events than it should. */
    boolean isUnknown() {
        return oldest.isEmpty() && events() > 1;
    }

    /** Removes the oldest entry, before the event is counted as given up. */
    LogWriter.Entry removeOldest() {
        return oldest.removeFirst();
    }
}
