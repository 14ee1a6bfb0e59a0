package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpMediaType;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** A request that is not fulfilled, and the sentence that says why to whoever made it. */
public final class Refusal extends Exception {

    public static final HttpMediaType TEXT = HttpMediaType.create("text/plain; charset=UTF-8");

    private static final long serialVersionUID = 1;
    /** RFC 9110, section 11.6.1: a 401 says what would help. */
    private static final Header AUTHENTICATE = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE,
            "Bearer realm=\"sse-hub\"");
    /** RFC 6750, section 3.1. */
    private static final Header INVALID_TOKEN = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE,
            "Bearer realm=\"sse-hub\", error=\"invalid_token\"");
    private static final Header RETRY_LATER = HeaderValues.createCached(HeaderNames.RETRY_AFTER, "5");

    private final transient Status status;
    private final transient @Nullable Header header;
    private final @Nullable Limit limit;

    public Refusal(Status status, String sentence) {
        this(status, sentence, null, null);
    }

    /** Because of a limit. */
    public Refusal(Status status, String sentence, Limit limit) {
        this(status, sentence, limit, null);
    }

    private Refusal(Status status, String sentence, @Nullable Limit limit, @Nullable Header header) {
        super(sentence);
        this.status = status;
        this.limit = limit;
        this.header = header;
    }

    /** Because it takes a token, and there is none. */
    public static Refusal unauthorized(String sentence) {
        return new Refusal(Status.UNAUTHORIZED_401, sentence, null, AUTHENTICATE);
    }

    /** Because the token is not accepted. */
    public static Refusal invalidToken(String sentence) {
        return new Refusal(Status.UNAUTHORIZED_401, sentence, null, INVALID_TOKEN);
    }

    /** Because it comes too soon after others. */
    public static Refusal tooMany(String sentence, Limit limit, Duration wait) {
        return new Refusal(Status.TOO_MANY_REQUESTS_429, sentence, limit, retryAfter(wait));
    }

    /** Because it cannot be now. */
    public static Refusal unavailable(String sentence, Duration wait) {
        return new Refusal(Status.SERVICE_UNAVAILABLE_503, sentence, null, retryAfter(wait));
    }

    private static Header retryAfter(Duration wait) {
        return HeaderValues.create(HeaderNames.RETRY_AFTER, Math.max(1, wait.plusMillis(999).toSeconds()));
    }

    /** Because of an exception whose message says it all. */
    public Refusal(Status status, IllegalArgumentException cause) {
        super(cause.getMessage(), cause);
        this.status = status;
        this.limit = cause instanceof LimitExceededException exceeded ? exceeded.limit() : null;
        this.header = null;
    }

    /** Whether the same request may be fulfilled later. */
    public boolean isForNow() {
        return status.equals(Status.SERVICE_UNAVAILABLE_503);
    }

    /** What it is because of, if that is a limit. */
    public Optional<Limit> limit() {
        return Optional.ofNullable(limit);
    }

    /** Because there is no such method here. */
    public static void sendMethodNotAllowed(ServerRequest request, ServerResponse response, String allowed, String instead) {
        response.header(HeaderNames.ALLOW, allowed);
        new Refusal(Status.METHOD_NOT_ALLOWED_405,
                request.prologue().method().text() + " is not allowed here, only " + instead).send(request, response);
    }

    /** Says it, but for the sentence where only the headers were asked for. */
    public void send(ServerRequest request, ServerResponse response) {
        if (header != null) {
            response.header(header);
        } else if (status.equals(Status.SERVICE_UNAVAILABLE_503)) {
            response.header(RETRY_LATER);
        }
        response.headers().contentType(TEXT);
        response.status(status);
        send(request, response, getMessage() + "\n");
    }

    /** Helidon sends what it is given also to HEAD, and the client would take it for its next answer. */
    public static void send(ServerRequest request, ServerResponse response, String text) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send();
        } else {
            response.send(text.getBytes(UTF_8));
        }
    }
}
