package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.http.Refusal;
import dev.ssehub.metrics.Meters;
import io.helidon.http.HeaderNames;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Everything below {@code /observe}, and where other servers have it. */
final class ObserveRoutes {
    /** The path that says whether the process serves. */
    static final String LIVE = "/observe/health/live";

    private static final String READY = "/observe/health/ready";
    private static final String METRICS = "/observe/metrics";

    private ObserveRoutes() {}

    /** Adds the routes to the port that serves them: the port of their own if there is one, otherwise the public one. */
    static void add(HttpRouting.Builder routing, Served served) {
        Health health = served.health();
        read(routing, "/observe/health", health::sendLive);
        read(routing, LIVE, health::sendLive);
        read(routing, READY, health::sendReady);
        read(routing, METRICS, (request, response) -> sendMetrics(served.meters(), request, response));
        served.operate().register(routing);
    }

    /** Adds answers for clients that look for health and metrics where other servers have them. Both ports have them. */
    static void addSigns(HttpRouting.Builder routing, boolean isElsewhere) {
        String port = isElsewhere ? ", on the port of sse-hub.observe.port" : "";
        read(routing, "/metrics", sign("the metrics are at " + METRICS + port));
        read(routing, "/healthz", sign("the health of the hub is at " + LIVE + " and " + READY + port));
    }

    /** A 404, so that no probe takes the answer for the health itself. */
    private static Handler sign(String sentence) {
        return (request, response) -> new Refusal(Status.NOT_FOUND_404, sentence).send(request, response);
    }

    private static void read(HttpRouting.Builder routing, String path, Handler handler) {
        routing.route(Page.READ, PathMatchers.exact(path), handler);
    }

    private static void sendMetrics(Meters meters, ServerRequest request, ServerResponse response) {
        response.headers().set(HeaderNames.CONTENT_TYPE, Meters.CONTENT_TYPE);
        Refusal.send(request, response, new String(meters.scrape(), UTF_8));
    }
}
