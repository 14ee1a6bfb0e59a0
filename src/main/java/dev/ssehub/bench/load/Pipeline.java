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

    private final Target target;
    private final Consumer<@Nullable String> outcome;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_SIZE);
    private ByteBuffer out = ByteBuffer.allocate(BUFFER_SIZE).flip();
    private SocketChannel channel;
    private AnswerReader answer = new AnswerReader();
    private int window = WINDOW;
    private int unanswered;

    /** @param outcome takes the outcome of each request in order: {@code null}, or why it is refused or not answered */
    Pipeline(Target target, Consumer<@Nullable String> outcome) throws IOException {
        this.target = target;
        this.outcome = outcome;
        this.channel = target.connect();
    }

    /** Returns whether no request can be added until a request is answered. */
    boolean isFull() {
        return unanswered >= window;
    }

    /** Returns whether every request has its outcome. */
    boolean isIdle() {
        return unanswered == 0;
    }

    /** Adds a request, which {@link #transfer} sends. Connects if there is no connection. The pipeline must not be full. */
    void add(byte[] head, byte[] body) throws IOException {
        if (!channel.isOpen()) {
            channel = target.connect();
        }
        int size = head.length + body.length;
        out.compact();
        if (out.remaining() < size) {
            out = ByteBuffer.allocate(out.position() + size + BUFFER_SIZE).put(out.flip());
        }
        out.put(head).put(body).flip();
        unanswered++;
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
            if (answer.endsWithConnection() && unanswered > 0) {
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
        if (unanswered == 0) {
            throw new IOException("the server has answered without a request: " + answer.summary());
        }
        settle(answer.isSuccess() ? null : "answered " + answer.summary());
        answer = new AnswerReader();
    }

    private void settle(@Nullable String problem) {
        unanswered--;
        outcome.accept(problem);
    }

    /** Closes the connection and fails all requests without an answer. */
    private void end(String problem) throws IOException {
        channel.close();
        answer = new AnswerReader();
        out.clear().flip();
        while (unanswered > 0) {
            settle(problem);
        }
    }

    @Override
    public void close() throws IOException {
        end("no answer");
    }
}
