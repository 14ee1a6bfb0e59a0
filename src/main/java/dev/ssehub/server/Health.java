package dev.ssehub.server;

import module java.base;
import dev.ssehub.http.Refusal;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Whether the hub is live and ready. It is live while the process answers, and ready from the end of its start to the first moment of
 * its stop, except while it cannot take events. Thread-safe.
 */
public final class Health {
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    private final Supplier<Optional<String>> outage;
    private volatile Optional<String> phase = Optional.of("the hub is starting");
    private volatile boolean stopping;

    /** @param outage returns why no event can be taken now, or nothing */
    Health(Supplier<Optional<String>> outage) {
        this.outage = outage;
    }

    /** The hub has started. From now on it is ready. */
    public void started() {
        phase = Optional.empty();
    }

    /** The hub begins to stop. From now on it is not ready. */
    public void stopping() {
        stopping = true;
        phase = Optional.of("the hub is stopping");
    }

    boolean isStopping() {
        return stopping;
    }

    /** Returns why the hub is not ready, or nothing if it is. */
    Optional<String> notReady() {
        return phase.or(outage);
    }

    void sendLive(ServerRequest request, ServerResponse response) {
        send(request, response, "live");
    }

    void sendReady(ServerRequest request, ServerResponse response) {
        Optional<String> reason = notReady();
        if (reason.isPresent()) {
            response.header(NO_STORE);
            new Refusal(Status.SERVICE_UNAVAILABLE_503, "not ready: " + reason.get()).send(request, response);
        } else {
            send(request, response, "ready");
        }
    }

    private static void send(ServerRequest request, ServerResponse response, String answer) {
        response.header(NO_STORE);
        response.headers().set(Refusal.TEXT);
        Refusal.send(request, response, answer + "\n");
    }
}
