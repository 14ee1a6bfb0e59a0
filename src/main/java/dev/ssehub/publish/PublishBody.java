package dev.ssehub.publish;

import module java.base;
import dev.ssehub.connection.ContentCoding;
import dev.ssehub.connection.MalformedBodyException;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.metrics.Limit;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The body of a publish request that is read as a whole.
 *
 * @param maxSize the maximum size in bytes
 */
record PublishBody(int maxSize) {
    private static final int PIECE = 8 * 1024;

    /** Refuses a request whose headers announce a body that is compressed, or too large. */
    void check(ServerRequest request) throws Refusal {
        requireUncompressed(request);
        long size = request.headers().contentLength().orElse(0);
        if (size > maxSize) {
            throw tooLarge("not " + size);
        }
    }

    static void requireUncompressed(ServerRequest request) throws Refusal {
        String coding = ContentCoding.of(request.headers());
        if (!coding.equals(ContentCoding.NONE)) {
            throw Refusal.unsupportedCoding(
                    "the body must not be compressed, but its Content-Encoding is " + Refusal.printable(coding));
        }
    }

    private Refusal tooLarge(String found) {
        // the server still reads the body to its end, because otherwise the client could lose the answer
        return new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                "a publish request may have up to " + maxSize + " bytes, " + found, Limit.PUBLISH_SIZE);
    }

    /** Reads the body. Blocks until the client has sent it. Its bytes are taken from the memory as they arrive. */
    byte[] read(ServerRequest request, ServerResponse response, BodyBudgets.Body memory) throws Refusal {
        int limit = (int) request.headers().contentLength().orElse(maxSize + 1L); // chunks have no length
        try {
            byte[] body = read(request.content().inputStream(), limit, memory);
            if (body.length > maxSize) {
                throw tooLarge("this one has more");
            }
            return body;
        } catch (MalformedBodyException e) {
            response.header(HeaderValues.CONNECTION_CLOSE);
            new Refusal(Status.BAD_REQUEST_400, e.sentence()).send(request, response);
            throw new UnreadBodyException("the body of a request is malformed");
        } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the publisher disconnected before the end of its request", e);
        }
    }

    static Refusal noMemory() {
        return new Refusal(Status.SERVICE_UNAVAILABLE_503,
                "the publish requests in progress take all the memory there is for them",
                Limit.PENDING_SIZE);
    }

    /** The array grows as the bytes arrive, because a client can announce bytes that it never sends. */
    private byte[] read(InputStream in, int limit, BodyBudgets.Body memory) throws IOException, Refusal {
        byte[] bytes = new byte[Math.min(limit, PIECE)];
        int length = 0;
        while (length < limit) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit, 2L * length));
            }
            int read = in.read(bytes, length, bytes.length - length);
            if (read <= 0) {
                break;
            }
            if (!memory.take(read)) {
                throw noMemory();
            }
            length += read;
        }
        if (length == limit && limit <= maxSize) {
            in.read(); // the end; without it, Helidon reads once more
        }
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
