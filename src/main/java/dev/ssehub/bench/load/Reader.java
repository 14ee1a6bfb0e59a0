package dev.ssehub.bench.load;

import module java.base;
import dev.ssehub.bench.load.Tally.Count;
import org.jspecify.annotations.Nullable;

/** One subscriber: its request, its stream, and the events that it has received. Not thread-safe. */
final class Reader {
    private final int topics;
    private final int events;
    private final int topic;
    private final boolean slow;
    private final ByteBuffer request;
    private final AnswerReader answer = new AnswerReader();
    private final StreamParser stream;
    private boolean connected;
    private int next; // the sequence number of the next expected event
    private @Nullable BitSet missing; // the sequence numbers below `next` that have not arrived

    /** @param index the index of the subscriber in the run, which determines its topic and whether it is slow */
    Reader(LoadSettings settings, Stamp stamp, int index, byte[] request) {
        this.topics = settings.topics();
        this.events = settings.events();
        this.topic = index % topics;
        this.slow = index < settings.slow();
        this.request = ByteBuffer.wrap(request);
        this.stream = new StreamParser(stamp.prefix());
    }

    int topic() {
        return topic;
    }

    /** Returns whether the subscriber stops reading once it is connected. */
    boolean isSlow() {
        return slow;
    }

    /** Returns whether the server has begun the stream, which may have ended since. */
    boolean isConnected() {
        return connected;
    }

    /** Sends the rest of the request. Returns whether it is sent completely. */
    boolean send(SocketChannel channel) throws IOException {
        channel.write(request);
        return !request.hasRemaining();
    }

    /** Takes bytes received at {@code now}. Throws an {@link IOException} if the server refuses the stream or has ended it. */
    void take(byte[] bytes, int count, long now, Tally tally) throws IOException {
        int at = 0;
        while (at < count && !answer.hasEnded()) {
            at = answer.framing(bytes, at, count);
            connected = connected || (answer.hasHead() && answer.isEventStream());
            int end = answer.body(bytes, at, count);
            at = connected && !slow ? parse(bytes, at, end, now, tally) : end;
        }
        if (answer.hasHead() && !connected) {
            throw new IOException("answered " + answer.summary());
        }
        if (answer.hasEnded()) {
            throw new EOFException("the server has ended the stream");
        }
    }

    private int parse(byte[] bytes, int from, int to, long now, Tally tally) {
        int at = stream.next(bytes, from, to);
        while (stream.dispatched()) {
            tally.count(Count.EVENTS, 1);
            if (stream.stamped()) {
                deliver(stream.number(), stream.nanos(), now, tally);
            }
            at = stream.next(bytes, at, to);
        }
        return at;
    }

    /** Event n belongs to topic n % topics and has the sequence number n / topics there. */
    private void deliver(long number, long due, long now, Tally tally) {
        int sequence = (int) number / topics;
        if (number >= events || (int) number % topics != topic) {
            tally.count(Count.STRAY, 1);
        } else if (sequence >= next) {
            if (sequence > next) {
                missing = missing == null ? new BitSet() : missing;
                missing.set(next, sequence);
            }
            next = sequence + 1;
            tally.deliver((int) number, due, now);
        } else if (missing != null && missing.get(sequence)) {
            missing.clear(sequence);
            tally.count(Count.OUT_OF_ORDER, 1);
            tally.deliver((int) number, due, now);
        } else {
            tally.count(Count.REPEATED, 1);
        }
    }
}
