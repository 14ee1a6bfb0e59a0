package dev.ssehub.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.BitSet;

import org.jspecify.annotations.Nullable;

/** One subscriber: its request, the state of its stream, and which events it has had. Belongs to one thread. */
final class Reader {

    /**
     * What all subscriptions of a run have in common.
     *
     * @param stamp what the run's events begin with
     * @param topics how many topics there are; event n belongs to topic n % topics
     * @param events how many events there can be
     */
    record Run(Stamp stamp, int topics, int events) {}

    private final Run run;
    private final int topic;
    private final boolean slow;
    private final ByteBuffer request;
    private final AnswerReader answer = new AnswerReader();
    private final StreamParser stream;
    private boolean connected;
    /** The events of a topic have sequence numbers: this is the one that comes next. */
    private int next;
    /** The sequence numbers before that which have not come. At most as large as the number of events in the run. */
    private @Nullable BitSet missing;

    Reader(Run run, int topic, boolean slow, byte[] request) {
        this.run = run;
        this.topic = topic;
        this.slow = slow;
        this.request = ByteBuffer.wrap(request);
        this.stream = new StreamParser(run.stamp().prefix());
    }

    int topic() {
        return topic;
    }

    /** Whether it reads nothing once it is connected. */
    boolean isSlow() {
        return slow;
    }

    /** Whether the server has begun the stream. */
    boolean isConnected() {
        return connected;
    }

    /** Sends the request, or what is left of it; returns whether all is sent. */
    boolean send(SocketChannel channel) throws IOException {
        channel.write(request);
        return !request.hasRemaining();
    }

    /**
     * Takes what was received.
     *
     * @param now when, nanoseconds on the clock of the run
     * @throws IOException if the stream does not begin, or ends; the message says why
     */
    void take(byte[] bytes, int count, long now, Tally tally) throws IOException {
        int at = 0;
        while (at < count && !answer.hasEnded()) {
            at = answer.framing(bytes, at, count);
            connected = connected || (answer.hasHead() && answer.isEventStream());
            int end = answer.body(bytes, at, count);
            if (connected && !slow) {
                parse(bytes, at, end, now, tally);
            }
            at = end;
        }
        if (answer.hasHead() && !connected) {
            throw new IOException("answered " + answer.sentence());
        }
        if (answer.hasEnded()) {
            throw new EOFException("the server has ended the stream");
        }
    }

    private void parse(byte[] bytes, int from, int to, long now, Tally tally) {
        int at = stream.next(bytes, from, to);
        while (stream.dispatched()) {
            tally.event();
            if (stream.stamped()) {
                delivered(stream.number(), stream.nanos(), now, tally);
            }
            at = stream.next(bytes, at, to);
        }
    }

    private void delivered(long number, long due, long now, Tally tally) {
        if (number >= run.events() || (int) number % run.topics() != topic) {
            tally.stray();
            return;
        }
        int sequence = (int) number / run.topics();
        if (sequence < next) {
            if (missing == null || !missing.get(sequence)) {
                tally.repeat();
                return;
            }
            missing.clear(sequence);
            tally.late();
        } else {
            if (sequence > next) {
                missing = missing == null ? new BitSet() : missing;
                missing.set(next, sequence);
            }
            next = sequence + 1;
        }
        tally.deliver((int) number, due, now);
    }
}
