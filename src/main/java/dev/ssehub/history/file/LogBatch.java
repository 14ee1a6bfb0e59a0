package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.Rule;
import dev.ssehub.history.database.DatabaseException;
import org.jspecify.annotations.Nullable;

/** The updates that one transaction inserts. For the log's thread. */
final class LogBatch {
    /** An addition, the event that it has become, and the topics that keep the event. A repetition has no event. */
    private record Written(Addition addition, @Nullable Event event, List<FilePast> pasts) {}

    private final List<Addition> additions;
    private final Ledger ledger;
    private final LongSupplier millis;
    private final List<Written> written;
    /** The topics that have a past for the first time. The ledger learns of them after the commit. */
    private final Map<String, FilePast> created = new HashMap<>();

    LogBatch(List<Addition> additions, Ledger ledger, LongSupplier millis) {
        this.additions = additions;
        this.ledger = ledger;
        this.millis = millis;
        this.written = new ArrayList<>(additions.size());
    }

    /** Removes what topics gave up, up to a position of each, and the rows of topics that have no past any more. */
    static void remove(LogWriter writer, Map<FilePast, Long> removals) throws DatabaseException {
        for (Map.Entry<FilePast, Long> removal : removals.entrySet()) {
            FilePast past = removal.getKey();
            writer.remove(past.number(), removal.getValue());
            if (past.events() == 0) {
                writer.closeTopic(past.number());
                writer.setMark(past.rule().text(), past.rule().lost());
            }
        }
    }

    /** Returns the newest position after this batch. */
    long newest() {
        return additions.isEmpty() ? ledger.newest() : additions.getLast().position();
    }

    /** Inserts the events. Called once, in a transaction. */
    void insert(LogWriter writer) throws DatabaseException {
        for (Addition addition : additions) {
            written.add(insert(writer, addition));
        }
    }

    private Written insert(LogWriter writer, Addition addition) throws DatabaseException {
        Update update = addition.update();
        String id = update.id();
        if (id != null && addition.mayBeRepetition() && writer.holds(update.topics().getFirst(), id)) {
            return new Written(addition, null, List.of());
        }
        List<FilePast> pasts = new ArrayList<>(update.topics().size());
        for (String topic : update.topics()) {
            FilePast past = created.containsKey(topic) ? created.get(topic) : ledger.find(topic);
            Rule rule = past == null ? ledger.ruleOf(topic) : past.rule();
            if (!rule.keeps()) {
                writer.setMark(rule.text(), addition.position());
            } else if (past == null) {
                past = new FilePast(topic, rule, writer.createTopic(topic, rule.lost()));
                created.put(topic, past);
            }
            if (past != null) {
                pasts.add(past);
            }
        }
        List<String> topics = update.topics().size() == 1 && pasts.size() == 1 ? pasts.getFirst().topics() : update.topics();
        Event event = Event.of(update, addition.position(), millis.getAsLong() - addition.ageMillis(), topics);
        if (!pasts.isEmpty()) {
            writer.insert(event, pasts.stream().map(FilePast::number).toList());
        }
        return new Written(addition, event, pasts);
    }

    /**
     * Tells the ledger and the hub about the events. Called after the commit.
     *
     * @param changed takes the topics of each event
     */
    void deliver(Consumer<List<FilePast>> changed) {
        for (Written each : written) {
            if (each.event == null) {
                each.addition.repeated();
            } else {
                ledger.added(each.event, each.pasts);
                changed.accept(each.pasts);
                each.addition.complete(each.event);
            }
        }
    }
}
