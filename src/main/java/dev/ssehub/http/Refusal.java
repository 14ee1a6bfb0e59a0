package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/** A request that the hub refuses: the status, and a sentence that tells the client why. */
public final class Refusal extends Exception {
    /** The type of every answer that is a sentence. */
    public static final Header TEXT = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/plain; charset=UTF-8");

    private static final long serialVersionUID = 1;
    /** The length of the longest origin: a host name has up to 253 characters. */
    private static final int MAX_PRINTABLE = 253 + "https://:65535".length();
    /** A 401 says how to authenticate (RFC 9110, section 11.6.1). */
    private static final String REALM = "Bearer realm=\"sse-hub\"";
    private static final Header AUTHENTICATE = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE, REALM);
    /** RFC 6750, section 3.1. */
    private static final Header INVALID_TOKEN = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE,
            REALM + ", error=\"invalid_token\"");
    private static final Header INSUFFICIENT_SCOPE = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE,
            REALM + ", error=\"insufficient_scope\"");
    private static final Header NO_CODING = HeaderValues.createCached(HeaderNames.ACCEPT_ENCODING, "identity");
    private static final Header RETRY_LATER = HeaderValues.createCached(HeaderNames.RETRY_AFTER, "5");

    private final transient Status status;
    private final @Nullable Limit limit;
    private final transient @Nullable Header header;

    public Refusal(Status status, String sentence) {
        this(status, sentence, null, null);
    }

    /** Creates a refusal because of a limit. */
    public Refusal(Status status, String sentence, Limit limit) {
        this(status, sentence, limit, null);
    }

    private Refusal(Status status, String sentence, @Nullable Limit limit, @Nullable Header header) {
        super(sentence);
        this.status = status;
        this.limit = limit;
        this.header = header == null && status.equals(Status.SERVICE_UNAVAILABLE_503) ? RETRY_LATER : header;
    }

    /** Returns a 400 for a request that is malformed or exceeds a limit. Its sentence is the message of the exception. */
    public static Refusal badRequest(IllegalArgumentException cause) {
        Limit limit = cause instanceof LimitExceededException exceeded ? exceeded.limit() : null;
        return new Refusal(Status.BAD_REQUEST_400, String.valueOf(cause.getMessage()), limit, null);
    }

    /** Returns a 401 for a request that needs a token and has none. */
    public static Refusal unauthorized(String sentence) {
        return new Refusal(Status.UNAUTHORIZED_401, sentence, null, AUTHENTICATE);
    }

    /** Returns a 401 for a request whose token is not accepted. */
    public static Refusal invalidToken(String sentence) {
        return new Refusal(Status.UNAUTHORIZED_401, sentence, null, INVALID_TOKEN);
    }

    /** Returns a 415 for a body with a coding. The header says that there must be none (RFC 9110, section 15.5.16). */
    public static Refusal unsupportedCoding(String sentence) {
        return new Refusal(Status.UNSUPPORTED_MEDIA_TYPE_415, sentence, null, NO_CODING);
    }

    /** Returns a 403 for a request that needs a token that grants more. */
    public static Refusal insufficientScope(String sentence) {
        return new Refusal(Status.FORBIDDEN_403, sentence, null, INSUFFICIENT_SCOPE);
    }

    /** Returns a refusal of a request that the client may repeat after the given time. */
    public static Refusal forNow(Status status, String sentence, @Nullable Limit limit, Duration wait) {
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        return new Refusal(status, sentence, limit, HeaderValues.create(HeaderNames.RETRY_AFTER, seconds));
    }

    /** Returns this refusal with lines after its sentence that say what was done before. */
    public Refusal after(String lines) {
        return new Refusal(status, getMessage() + "\n" + lines.strip(), limit, header);
    }

    /** Returns this refusal with a beginning of its sentence that says which of several events is wrong. */
    public Refusal at(String place) {
        return new Refusal(status, place + getMessage(), limit, header);
    }

    /** Returns the status of the answer. */
    public Status status() {
        return status;
    }

    /** Returns whether the same request may succeed later. */
    public boolean isForNow() {
        return status.equals(Status.SERVICE_UNAVAILABLE_503);
    }

    /** Returns the limit that the request exceeds, if that is the reason. */
    public Optional<Limit> limit() {
        return Optional.ofNullable(limit);
    }

    /** Makes a client's text safe to repeat in a sentence: replaces characters that no origin contains, and cuts a long text. */
    public static String printable(String text) {
        String printable = text.replaceAll("[^ -~]|[<>&\"']", "?");
        return printable.length() > MAX_PRINTABLE ? printable.substring(0, MAX_PRINTABLE) + "..." : printable;
    }

    /** Answers a request with 405. */
    public static void sendMethodNotAllowed(ServerRequest request, ServerResponse response, String allowed, String instead) {
        response.header(HeaderNames.ALLOW, allowed);
        String method = request.prologue().method().text();
        new Refusal(Status.METHOD_NOT_ALLOWED_405, method + " is not allowed here, only " + instead).send(request, response);
    }

    /** Answers the request with the status, the headers, and, unless the method is HEAD, the sentence. */
    public void send(ServerRequest request, ServerResponse response) {
        if (header != null) {
            response.header(header);
        }
        response.headers().set(TEXT);
        response.status(status);
        send(request, response, getMessage() + "\n");
    }

    /** Sends a text, but none for HEAD: Helidon would send the text, and the client would read it as the next answer. */
    public static void send(ServerRequest request, ServerResponse response, String text) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send();
        } else {
            response.send(text.getBytes(UTF_8));
        }
    }
}
