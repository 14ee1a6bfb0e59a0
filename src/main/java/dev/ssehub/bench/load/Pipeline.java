package dev.ssehub.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

import org.jspecify.annotations.Nullable;

/**
 * A connection over which requests are sent without waiting for the answers to those before. It is opened again when the server
 * closes it. Never blocks, but while it connects. Not safe for use by several threads.
 */
final class Pipeline implements AutoCloseable {

    private static final int WINDOW = 1_000;
    private static final int OUT_SIZE = 64 * 1024;
    private static final int IN_SIZE = 64 * 1024;
    private static final int PATIENCE_MILLIS = 3_000;

    /** Learns what became of a request. */
    @FunctionalInterface
    interface Outcome {
        /**
         * Is called once for each request, in their order.
         *
         * @param problem what the server said if it refused the request or gave no answer, or null
         */
        void of(int number, @Nullable String problem);
    }

    private final InetSocketAddress address;
    private final Outcome outcome;
    private final int[] unanswered = new int[WINDOW]; // a ring
    private final ByteBuffer in = ByteBuffer.allocate(IN_SIZE);
    private ByteBuffer out = ByteBuffer.allocate(OUT_SIZE).flip();
    private SocketChannel channel;
    private AnswerReader answer = new AnswerReader();
    private int window = WINDOW;
    private int first;
    private int count;

    /** Connects. */
    Pipeline(InetSocketAddress address, Outcome outcome) throws IOException {
        this.address = address;
        this.outcome = outcome;
        this.channel = open();
    }

    private SocketChannel open() throws IOException {
        SocketChannel opened = SocketChannel.open();
        try {
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.socket().connect(address, PATIENCE_MILLIS);
            opened.configureBlocking(false);
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /** Whether no more requests can be added before there are answers to others. */
    boolean isFull() {
        return count >= window;
    }

    /** Whether every request has its outcome. */
    boolean isIdle() {
        return count == 0;
    }

    /**
     * Adds a request, to be sent by {@link #move}.
     *
     * @throws IOException if the server has closed the connection and accepts no other
     */
    void add(int number, byte[] request) throws IOException {
        if (!channel.isOpen()) {
            channel = open();
        }
        out.compact();
        if (out.remaining() < request.length) {
            out = ByteBuffer.allocate(out.position() + request.length + OUT_SIZE).put(out.flip());
        }
        out.put(request).flip();
        unanswered[(first + count++) % WINDOW] = number;
    }

    /** Sends and receives what it can without waiting; returns whether that was anything. */
    boolean move() throws IOException {
        if (!channel.isOpen()) {
            return false;
        }
        try {
            boolean sent = out.hasRemaining() && channel.write(out) > 0;
            int received = channel.read(in.clear());
            if (received < 0) {
                throw new EOFException("the connection was closed");
            }
            take(in.array(), received);
            return sent || received > 0;
        } catch (IOException e) {
            if (answer.endsWithConnection() && count > 0) {
                answered();
            }
            end("no answer: " + e.getMessage());
            return true;
        }
    }

    private void take(byte[] bytes, int length) throws IOException {
        int at = 0;
        while (at < length) {
            at = answer.framing(bytes, at, length);
            at = answer.body(bytes, at, length);
            if (answer.hasEnded()) {
                boolean last = answer.isLast();
                answered();
                if (last) {
                    window = 1; // a server that closes after an answer would drop what was sent after that request
                    throw new EOFException("the connection was closed");
                }
            }
        }
    }

    private void answered() throws IOException {
        String sentence = answer.sentence();
        boolean success = answer.isSuccess();
        answer = new AnswerReader();
        if (count == 0) {
            throw new IOException("answered without a request: " + sentence);
        }
        int number = unanswered[first];
        first = (first + 1) % WINDOW;
        count--;
        outcome.of(number, success ? null : "answered " + sentence);
    }

    /** Closes the connection; what has no answer will have none. */
    private void end(String reason) throws IOException {
        channel.close();
        answer = new AnswerReader();
        out.clear().flip();
        for (; count > 0; count--) {
            outcome.of(unanswered[first], reason);
            first = (first + 1) % WINDOW;
        }
    }

    @Override
    public void close() throws IOException {
        end("no answer");
    }
}
