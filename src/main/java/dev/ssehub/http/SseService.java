package dev.ssehub.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Subscription;
import dev.ssehub.hub.TopicSelector;
import dev.ssehub.hub.Update;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The hub's endpoint: GET subscribes, POST publishes. The one place where an error becomes a status. */
final class SseService implements HttpService {

    static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    /** In seconds: a client that has had nothing for longer can take the connection for dead. */
    private static final HeaderName HEARTBEAT_INTERVAL = HeaderNames.create("Heartbeat-Interval");

    private static final Pattern FORM = Pattern.compile("application/x-www-form-urlencoded\\s*(;\\s*charset=\"?utf-8\"?\\s*)?",
            Pattern.CASE_INSENSITIVE);
    private static final Set<String> PARAMETERS = Set.of("topic", "lastEventID", "live", "explain");

    private final Hub hub;
    private final Authorizer authorizer;
    private final ServerSettings settings;
    private final List<TopicSelector> defaultTopics;
    private final Optional<ActiveSubscriptions> subscriptions;
    private final Semaphore bodies;
    private final Drainers drainers;
    private final Header heartbeatInterval;

    /**
     * @param defaultTopics
     *            what a subscriber gets who names no topic; if that is nothing, a topic is asked for
     * @param bodies
     *            how many bytes all requests to publish together may hold in memory before they are events
     * @param drainers
     *            write to the streams
     */
    SseService(Hub hub, Authorizer authorizer, ServerSettings settings, List<TopicSelector> defaultTopics,
            Optional<ActiveSubscriptions> subscriptions, Semaphore bodies, Drainers drainers) {
        this.hub = hub;
        this.authorizer = authorizer;
        this.settings = settings;
        this.defaultTopics = defaultTopics;
        this.subscriptions = subscriptions;
        this.bodies = bodies;
        this.drainers = drainers;
        this.heartbeatInterval = HeaderValues.createCached(HEARTBEAT_INTERVAL,
                BigDecimal.valueOf(hub.heartbeatInterval().toMillis(), 3).stripTrailingZeros().toPlainString());
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", this::subscribe).head("/", this::describe).post("/", this::publish).any("/", this::refuseMethod);
    }

    private void subscribe(ServerRequest request, ServerResponse response) {
        Subscription subscription;
        try {
            subscription = subscription(request);
        } catch (IllegalArgumentException e) {
            new Refusal(Status.BAD_REQUEST_400, e).send(request, response);
            return;
        }
        Runnable afterwards = subscriptions.filter(_ -> subscription.live())
                .<Runnable>map(active -> active.open(subscription.selectors())::close).orElse(() -> {});
        response.headers().set(heartbeatInterval).set(HeaderValues.CONNECTION_CLOSE); // it ends with the stream
        throw EventStream.open(hub, drainers, response, settings.retry(), subscription, afterwards);
    }

    private Subscription subscription(ServerRequest request) {
        Form query = Form.parse(request.query().rawValue());
        query.refuseLookalikes(PARAMETERS);
        List<TopicSelector> selectors = query.all("topic").stream().map(TopicSelector::parse).toList();
        if (selectors.isEmpty()) {
            selectors = defaultTopics;
        }
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("the query needs a topic: ?topic=NAME, more than once for several, * for all");
        }
        // the query is for clients that cannot set a header, such as a new EventSource (Mercure, "Reconnection")
        String lastEventId = request.headers().first(LAST_EVENT_ID).filter(id -> !id.isEmpty())
                .orElse(query.single("lastEventID"));
        return new Subscription(selectors, authorizer.anonymous().seePrivate(), lastEventId, query.flag("live", true),
                query.flag("explain", false));
    }

    private void publish(ServerRequest request, ServerResponse response) {
        try {
            requireForm(request);
            int size = size(request);
            if (!bodies.tryAcquire(size)) {
                throw new Refusal(Status.SERVICE_UNAVAILABLE_503, "too much is being published at this moment");
            }
            String id;
            try {
                id = hub.publish(update(read(request)));
            } finally {
                bodies.release(size);
            }
            response.headers().contentType(Refusal.TEXT);
            response.send(id);
        } catch (Refusal e) {
            e.send(request, response);
        } catch (HubClosedException e) {
            new Refusal(Status.SERVICE_UNAVAILABLE_503, "the hub is stopping").send(request, response);
        }
    }

    private static void requireForm(ServerRequest request) throws Refusal {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!FORM.matcher(type).matches()) {
            throw new Refusal(Status.UNSUPPORTED_MEDIA_TYPE_415, "the Content-Type must be application/x-www-form-urlencoded, "
                    + "in UTF-8, not " + (type.isEmpty() ? "missing" : type));
        }
    }

    /** What is too large is not kept, but the server reads it to the end, or the answer could be lost. */
    private int size(ServerRequest request) throws Refusal {
        long size = request.headers().contentLength().orElse(0);
        if (size > settings.limits().maxPublishSize()) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                    "a request to publish may have " + settings.limits().maxPublishSize() + " bytes, not " + size);
        }
        return (int) size;
    }

    private static byte[] read(ServerRequest request) {
        try {
            return request.content().inputStream().readAllBytes();
        } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the publisher left in the middle of its request", e);
        }
    }

    private Update update(byte[] body) throws Refusal {
        Update update;
        try {
            update = PublishForm.parse(Form.parse(body));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Status.BAD_REQUEST_400, e);
        }
        if (update.size() > 2L * settings.limits().maxPublishSize()) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                    "as an event, with a field name before each line, it would have "
                            + update.size() + " bytes; it may have " + 2L * settings.limits().maxPublishSize());
        }
        if (update.topics().stream().anyMatch(topic -> topic.startsWith(Routes.MERCURE + "/"))) {
            throw new Refusal(Status.FORBIDDEN_403,
                    "topics that begin with " + Routes.MERCURE + "/ are the hub's own, nobody else publishes to them");
        }
        List<String> closed = update.topics().stream().filter(topic -> !authorizer.anonymous().mayPublish(topic)).toList();
        if (!closed.isEmpty()) {
            throw new Refusal(Status.UNAUTHORIZED_401, "not everyone may publish to " + String.join(", ", closed)
                    + "; the topics that are open to all are those of sse-hub.publish.anonymous-topics");
        }
        return update;
    }

    private void describe(ServerRequest request, ServerResponse response) {
        try {
            subscription(request);
            FrameSink.describe(response.headers());
            response.headers().set(heartbeatInterval);
            response.send();
        } catch (IllegalArgumentException e) {
            response.status(Status.BAD_REQUEST_400).send();
        }
    }

    private void refuseMethod(ServerRequest request, ServerResponse response) {
        Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, POST", "GET to subscribe and POST to publish");
    }
}
