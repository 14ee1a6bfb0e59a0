package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** How much of one topic's past is held, and where it ends. Guarded by the lock of the history. */
public abstract class TopicPast {
    /** The places in the three heaps of {@link Retention}. */
    final int[] places = new int[3];
    private final List<String> topics;
    private Rule rule;
    private long events;
    private long bytes;
    private final Rule.Loss loss = new Rule.Loss();
    /** The newest event if it ends the topic, without its frame. */
    private @Nullable Event end;

    protected TopicPast(String topic, Rule rule) {
        this.topics = List.of(topic);
        this.rule = rule;
    }

    public final String topic() {
        return topics.getFirst();
    }

    public final Rule rule() {
        return rule;
    }

    final void assign(Rule another) {
        rule = another;
    }

    /** Returns a list with only this topic. All events that have no other topic can share it. */
    public final List<String> topics() {
        return topics;
    }

    public final long events() {
        return events;
    }

    /** Returns the size of the events, see {@link dev.ssehub.event.Event#size}. */
    public final long bytes() {
        return bytes;
    }

    /** Returns the position of the newest event that was given up, or 0 if the topic has given up nothing. */
    public final long lost() {
        return loss.position();
    }

    /** Returns the position of the oldest event. The topic must have an event. */
    public abstract long oldestPosition();

    /** Returns the time of the oldest event, in milliseconds on the clock of the history. The topic must have an event. */
    public abstract long oldestMillis();

    final void add(long count, long size) {
        events += count;
        bytes += size;
    }

    /** Takes the newest event. */
    final void newest(Event event) {
        end = event.ends() ? event.withoutFrame() : null;
    }

    /** Takes the end that the topic had before a restart. */
    final void endedBefore(@Nullable Event lastEnd) {
        end = lastEnd;
    }

    /** Returns the newest event, without its frame, if it ends the topic and is not lost; otherwise {@code null}. */
    final @Nullable Event end() {
        return end != null && end.position() > lost() ? end : null;
    }

    final void lose(long position, long number) {
        loss.add(position, number);
    }

    /** Returns the newest loss that matters to a subscriber, or 0. */
    final long lostAfter(long after, long told) {
        return loss.after(after, told);
    }

    /** Returns the part of its budget that the topic takes, by number or by bytes, whichever is greater. */
    final double share() {
        return Math.max(events / (double) rule.budgetEvents, bytes / (double) rule.budgetBytes);
    }

    /** Returns the time at which the oldest event is too old, in milliseconds on the clock of the history. */
    public final long expires() {
        return oldestMillis() + rule.maxAgeMillis;
    }

    /** Returns whether the oldest event is lost, although it is not removed yet: somebody wanted the topic forgotten. */
    public final boolean isForgotten() {
        return events > 0 && oldestPosition() <= lost();
    }

    /** Returns whether the topic holds events that it should not hold. */
    final boolean isOver() {
        return events > rule.maxEvents || isForgotten();
    }
}
