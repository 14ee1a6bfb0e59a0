package dev.ssehub.http;

import java.time.Duration;
import java.util.List;

import dev.ssehub.hub.EventEncoder;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.TopicSelector;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The hub's endpoint: GET subscribes. The one place where an error becomes a status. */
final class SseService implements HttpService {

    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private final Hub hub;
    private final List<TopicSelector> defaultTopics;
    private final byte[] opening;

    SseService(Hub hub, List<TopicSelector> defaultTopics, Duration retry) {
        this.hub = hub;
        this.defaultTopics = defaultTopics;
        this.opening = EventEncoder.retry(retry.toMillis(), "sse-hub");
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", this::subscribe).head("/", this::describe).any("/", this::refuseMethod);
    }

    private void subscribe(ServerRequest request, ServerResponse response) {
        List<TopicSelector> selectors;
        try {
            selectors = request.query().all("topic", List::of).stream().map(TopicSelector::parse).toList();
        } catch (IllegalArgumentException e) {
            response.status(Status.BAD_REQUEST_400).send(e.getMessage() + "\n");
            return;
        }
        // the query is for clients that cannot set a header, such as a new EventSource: Mercure, section 5
        String lastEventId = request.headers().first(LAST_EVENT_ID).or(() -> request.query().first("lastEventID").asOptional())
                .filter(id -> !id.isEmpty()).orElse(null);
        EventStream.serve(hub, request, response, opening, selectors.isEmpty() ? defaultTopics : selectors, lastEventId);
    }

    private void describe(ServerRequest request, ServerResponse response) {
        FrameSink.describe(response.headers());
        response.send();
    }

    private void refuseMethod(ServerRequest request, ServerResponse response) {
        response.status(Status.METHOD_NOT_ALLOWED_405).header(HeaderValues.create(HeaderNames.ALLOW, "GET, HEAD"))
                .send(request.prologue().method().text() + " is not allowed here, only GET\n");
    }
}
