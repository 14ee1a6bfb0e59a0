package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.connection.ContentCoding;
import dev.ssehub.connection.MalformedBodyException;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.metrics.Limit;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The body of a publish request, a form.
 *
 * @param maxSize the maximum size in bytes
 */
record PublishBody(int maxSize) {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Set<String> CHARSETS = Set.of("utf-8", "utf8", "us-ascii");
    private static final int PIECE = 8 * 1024;

    /** Refuses a request whose headers announce a body of another type, or one that is too large. */
    void check(ServerRequest request) throws Refusal {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!isForm(type)) {
            throw new Refusal(Status.UNSUPPORTED_MEDIA_TYPE_415, "the Content-Type must be application/x-www-form-urlencoded "
                    + "in UTF-8, " + (type.isEmpty() ? "but it is missing" : "not " + Refusal.printable(type))
                    + "; the body must be a form, such as topic=chat&data=Hello");
        }
        String coding = ContentCoding.of(request.headers());
        if (!coding.equals(ContentCoding.NONE)) {
            throw Refusal.unsupportedCoding(
                    "the body must not be compressed, but its Content-Encoding is " + Refusal.printable(coding));
        }
        long size = request.headers().contentLength().orElse(0);
        if (size > maxSize) {
            throw tooLarge("not " + size);
        }
    }

    /** Accepts all parameters, as servers do, but no charset other than UTF-8 and ASCII. */
    private static boolean isForm(String type) {
        if (type.equals(FORM)) {
            return true; // as nearly all clients write it
        }
        String[] parts = type.toLowerCase(Locale.ROOT).split(";");
        return parts.length > 0 && parts[0].strip().equals(FORM) && Arrays.stream(parts).skip(1).map(part -> part.split("=", 2))
                .filter(part -> part[0].strip().equals("charset"))
                .allMatch(part -> part.length == 2 && CHARSETS.contains(part[1].replace("\"", "").strip()));
    }

    private Refusal tooLarge(String found) {
        // the server still reads the body to its end, because otherwise the client could lose the answer
        return new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                "a publish request may have up to " + maxSize + " bytes, " + found, Limit.PUBLISH_SIZE);
    }

    /** Reads the form. Blocks until the client has sent it. Its bytes are taken from the memory as they arrive. */
    byte[] read(ServerRequest request, ServerResponse response, BodyBudgets.Body memory) throws Refusal {
        int limit = (int) request.headers().contentLength().orElse(maxSize + 1L); // chunks have no length
        try {
            byte[] form = read(request.content().inputStream(), limit, memory);
            if (form.length > maxSize) {
                throw tooLarge("this one has more");
            }
            return form;
        } catch (MalformedBodyException e) {
            response.header(HeaderValues.CONNECTION_CLOSE);
            new Refusal(Status.BAD_REQUEST_400, e.sentence()).send(request, response);
            throw new UnreadBodyException("the body of a request is malformed");
        } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the publisher disconnected before the end of its request", e);
        }
    }

    /** The array grows as the bytes arrive, because a client can announce bytes that it never sends. */
    private static byte[] read(InputStream in, int limit, BodyBudgets.Body memory) throws IOException, Refusal {
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
                throw new Refusal(Status.SERVICE_UNAVAILABLE_503,
                        "the publish requests in progress take all the memory there is for them", Limit.PENDING_SIZE);
            }
            length += read;
        }
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
