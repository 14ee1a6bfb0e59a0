package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.ssehub.connection.HubConnection;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.stream.EventStream;
import dev.ssehub.tracing.TraceContext;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The access log: one line for each request when it is answered, or for a stream when it ends. The level of the logger switches it. */
public final class AccessLog {
    /** The name of the logger. */
    public static final String LOGGER = "dev.ssehub.access";

    private static final System.Logger LOG = System.getLogger(LOGGER);
    private static final ScopedValue<AtomicReference<String>> SUBJECT = ScopedValue.newInstance();
    /** The names of fields of a query whose values may be secret, also of those that the hub ignores. */
    private static final Pattern SECRET = Pattern.compile("(?i).*(auth|token|jwt|secret|passw|key|signature).*", Pattern.DOTALL);

    /**
     * An answered request.
     *
     * @param status the status of the answer; {@code null} if the client has left before
     * @param bytes the bytes of the answer
     * @param duration the time until the answer was written; {@code null} if it is not known
     * @param subject the subject of the token, if there is a valid one that names a subject
     */
    private record Answered(InetAddress address, String method, String path, @Nullable Integer status, long bytes,
            @Nullable Duration duration, @Nullable String subject) {}

    /**
     * A stream that has ended.
     *
     * @param bytes the bytes of its events
     * @param delivered the number of its events
     */
    private record Streamed(InetAddress address, String method, String path, int status, long bytes, Duration duration,
            @Nullable String subject, @Nullable DisconnectReason reason, long delivered, Optional<TraceContext> trace) {}

    private AccessLog() {}

    /** Runs what answers a request, and logs the request. */
    public static void log(RoutingRequest request, RoutingResponse response, Runnable answer) {
        if (!LOG.isLoggable(Level.INFO)) {
            answer.run();
            return;
        }
        long start = System.nanoTime();
        InetAddress address = HubConnection.client(request.headers()).address();
        String method = request.prologue().method().text();
        String path = withoutSecrets(request.prologue().uriPath().rawPath(), request.query().rawValue());
        AtomicReference<@Nullable String> subject = new AtomicReference<>();
        Optional<TraceContext> trace = TraceContext.current();
        boolean isStream = false;
        try {
            ScopedValue.where(SUBJECT, subject).run(answer);
        } catch (EventStream.Opened opened) {
            isStream = true;
            opened.stream()
                    .onEnd(ended -> LOG.log(Level.INFO, "stream", new Streamed(address, method, path, 200, ended.place().bytes(),
                            since(start), subject.get(), ended.reason(), ended.place().events(), trace)));
            throw opened;
        } finally {
            if (!isStream) {
                LOG.log(Level.INFO, "request",
                        new Answered(address, method, path, response.isSent() ? response.status().code() : null,
                                response.bytesWritten(), since(start), subject.get()));
            }
        }
    }

    /** Logs a request that is refused before it reaches the filters. */
    static void refused(TransportRequest request, Status status, int bytes) {
        if (LOG.isLoggable(Level.INFO)) {
            InetAddress address = HubConnection.client(request.headers()).address();
            String[] target = request.path().split("\\?", 2);
            LOG.log(Level.INFO, "request", new Answered(address, request.method(),
                    withoutSecrets(target[0], target.length > 1 ? target[1] : null), status.code(), bytes, null, null));
        }
    }

    /** Notes the subject of the token with which the calling thread's request came. */
    public static void subject(Optional<String> subject) {
        if (SUBJECT.isBound()) {
            SUBJECT.get().set(subject.orElse(null));
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Returns the path with the query, in which the values that may be secret are replaced. */
    static String withoutSecrets(String path, @Nullable String query) {
        return query == null || query.isEmpty()
                ? path
                : path + "?" + Stream.of(query.split("&", -1)).map(AccessLog::withoutSecret).collect(joining("&"));
    }

    private static String withoutSecret(String field) {
        String name = field.substring(0, Math.max(0, field.indexOf('=')));
        try {
            return SECRET.matcher(URLDecoder.decode(name, UTF_8)).matches() ? name + "=***" : field;
        } catch (IllegalArgumentException _) { // not valid, so nobody knows what the name means
            return "***";
        }
    }
}
