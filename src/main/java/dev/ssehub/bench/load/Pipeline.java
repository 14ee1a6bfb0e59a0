package dev.ssehub.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection that sends requests without waiting for the answers to earlier ones. If the server closes it, the next request
 * opens a new one. Only connecting blocks. Not safe for use by several threads.
 */
final class Pipeline implements AutoCloseable {

    private static final int WINDOW = 1_000;
    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int PATIENCE_MILLIS = 3_000;

    /** Is told the outcome of each request, in their order. */
    @FunctionalInterface
    interface Outcome {
        /** Tells the outcome of one request: {@code null} for success, or what the server answered, or why there is no answer. */
        void of(int number, @Nullable String problem);
    }

    private final InetSocketAddress address;
    private final Outcome outcome;
    private final int[] unanswered = new int[WINDOW]; // a ring
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_SIZE);
    private ByteBuffer out = ByteBuffer.allocate(BUFFER_SIZE).flip();
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

    /** Returns whether no request can be added until one is answered. */
    boolean isFull() {
        return count >= window;
    }

    /** Returns whether every request has its outcome. */
    boolean isIdle() {
        return count == 0;
    }

    /**
     * Adds a request, which {@link #move} sends. The pipeline must not be full.
     *
     * @throws IOException if the server has closed the connection and accepts no new one
     */
    void add(int number, byte[] request) throws IOException {
        if (!channel.isOpen()) {
            channel = open();
        }
        out.compact();
        if (out.remaining() < request.length) {
            out = ByteBuffer.allocate(out.position() + request.length + BUFFER_SIZE).put(out.flip());
        }
        out.put(request).flip();
        unanswered[(first + count++) % WINDOW] = number;
    }

    /** Sends and receives what is possible without waiting; returns whether that was anything. */
    boolean move() throws IOException {
        if (!channel.isOpen()) {
            return false;
        }
        try {
            boolean sent = out.hasRemaining() && channel.write(out) > 0;
            int received = channel.read(in.clear());
            if (received < 0) {
                throw closed();
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
                    window = 1; // a server that closes after each answer would drop the requests that follow
                    throw closed();
                }
            }
        }
    }

    private static EOFException closed() {
        return new EOFException("the connection was closed");
    }

    private void answered() throws IOException {
        String problem = answer.isSuccess() ? null : "answered " + answer.sentence();
        if (count == 0) {
            throw new IOException("the server has answered without a request: " + answer.sentence());
        }
        answer = new AnswerReader();
        settleFirst(problem);
    }

    private void settleFirst(@Nullable String problem) {
        int number = unanswered[first];
        first = (first + 1) % WINDOW;
        count--;
        outcome.of(number, problem);
    }

    /** Closes the connection and gives up the requests that have no answer yet. */
    private void end(String reason) throws IOException {
        channel.close();
        answer = new AnswerReader();
        out.clear().flip();
        while (count > 0) {
            settleFirst(reason);
        }
    }

    @Override
    public void close() throws IOException {
        end("no answer");
    }
}
