package dev.ssehub.bench.load;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A connection that sends requests without waiting for the answers to earlier requests. If the server closes it, the next request
 * opens a new connection. Only connecting blocks. Not thread-safe.
 */
final class Pipeline implements AutoCloseable {

    private static final int WINDOW = 1_000;
    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;

    /** Receives the outcome of each request, in order. */
    @FunctionalInterface
    interface Outcome {
        /** Takes one outcome; {@code problem} is {@code null}, the answer of the server, or the reason why there is no answer. */
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

    Pipeline(InetSocketAddress address, Outcome outcome) throws IOException {
        this.address = address;
        this.outcome = outcome;
        this.channel = open();
    }

    private SocketChannel open() throws IOException {
        SocketChannel opened = SocketChannel.open();
        try {
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.socket().connect(address, CONNECT_TIMEOUT_MILLIS);
            opened.configureBlocking(false);
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /** Returns whether no request can be added until a request is answered. */
    boolean isFull() {
        return count >= window;
    }

    /** Returns whether every request has its outcome. */
    boolean isIdle() {
        return count == 0;
    }

    /**
     * Adds a request, which {@link #transfer} sends. The pipeline must not be full.
     *
     * @throws IOException if the server has closed the connection and does not accept a new one
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

    /** Sends and receives bytes without blocking. Returns whether any bytes were transferred. */
    boolean transfer() throws IOException {
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
                    window = 1; // a server that closes the connection after each answer would drop further requests
                    throw closed();
                }
            }
        }
    }

    private static EOFException closed() {
        return new EOFException("the connection was closed");
    }

    private void answered() throws IOException {
        String problem = answer.isSuccess() ? null : "answered " + answer.summary();
        if (count == 0) {
            throw new IOException("the server has answered without a request: " + answer.summary());
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

    /** Closes the connection and fails all requests without an answer. */
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
