package dev.ssehub.mercure;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.auth.Token;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.stream.Drainers;
import dev.ssehub.stream.EventStream;
import dev.ssehub.stream.FrameSink;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Opens streams, and renews the permission of those that are open. Any thread may call. */
public final class SubscribeHandler {

    /** In seconds: a client that has had nothing for longer can take the connection for dead. */
    private static final HeaderName HEARTBEAT_INTERVAL = HeaderNames.create("Heartbeat-Interval");
    private static final Pattern LOST_PLUS = Pattern.compile("\\{ [A-Za-z0-9_%]");
    private static final Set<String> PARAMETERS = Set.of("topic", "lastEventID", "live", "explain", "stream");

    private final Hub hub;
    private final Access access;
    private final EndpointSettings settings;
    private final LimitSettings limits;
    private final Overload overload;
    private final Optional<ActiveSubscriptions> subscriptions;
    private final Header heartbeatInterval;
    private final Drainers drainers = new Drainers();
    private final NamedStreams streams = new NamedStreams();

    /** What a request asks for, and who makes it. */
    private record Request(Subscription subscription, NamedStreams.@Nullable Name name) {}

    public SubscribeHandler(Hub hub, Access access, EndpointSettings settings, LimitSettings limits,
            Optional<ActiveSubscriptions> subscriptions) {
        this.hub = hub;
        this.access = access;
        this.settings = settings;
        this.limits = limits;
        this.overload = new Overload(limits.overloadRetry());
        this.subscriptions = subscriptions;
        this.heartbeatInterval = HeaderValues.createCached(HEARTBEAT_INTERVAL,
                BigDecimal.valueOf(hub.heartbeatInterval().toMillis(), 3).stripTrailingZeros().toPlainString());
    }

    /** Begins a stream, or refuses it. Does not return if it has begun: the connection goes on with it. */
    void subscribe(ServerRequest request, ServerResponse response, List<TopicSelector> defaultTopics) throws Refusal {
        try {
            begin(request, response, read(request, defaultTopics));
        } catch (Refusal e) {
            if (!e.isForNow()) {
                throw e;
            }
            overload.send(request, response, String.valueOf(e.getMessage()));
        }
    }

    private void begin(ServerRequest request, ServerResponse response, Request asked) throws Refusal {
        if (hub.isClosed()) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, "the hub is stopping");
        }
        requirePlace(request, asked.subscription());
        Subscription subscription = asked.subscription();
        NamedStreams.Name name = asked.name();
        Runnable afterwards = subscriptions.filter(_ -> subscription.live())
                .<Runnable>map(active -> active.open(subscription.selectors())::close).orElse(() -> {});
        response.headers().set(heartbeatInterval).set(HeaderValues.CONNECTION_CLOSE); // it ends with the stream
        throw EventStream.open(hub, drainers, response, settings.retry(), subscription, stream -> {
            Runnable unname = name == null ? () -> {} : streams.add(name, stream, subscription.selectors());
            return () -> {
                unname.run();
                afterwards.run();
            };
        });
    }

    private static void requirePlace(ServerRequest request, Subscription subscription) throws Refusal {
        Connections.Place place = HubConnection.place();
        String full = switch (place.openStream(place.client(request.headers().values(HeaderNames.X_FORWARDED_FOR)),
                subscription)) {
            case YES -> "";
            case CONNECTIONS -> "there are as many streams as the hub may have";
            case MEMORY -> "the streams have so many topics that there is no memory for those of yours";
            case CONNECTIONS_PER_ADDRESS -> "your address has as many connections as one may have";
        };
        if (!full.isEmpty()) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, full);
        }
    }

    /** Sends the headers that a stream would have. */
    void describe(ServerRequest request, ServerResponse response, List<TopicSelector> defaultTopics) throws Refusal {
        read(request, defaultTopics);
        FrameSink.describe(response.headers());
        response.headers().set(heartbeatInterval);
        response.send();
    }

    /** Has an open stream go on with a fresh token. */
    void renew(ServerRequest request, ServerResponse response) throws Refusal {
        String name;
        try {
            name = NamedStreams.requireText(Form.parse(request.query().rawValue()).single("stream"));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Status.BAD_REQUEST_400, e);
        }
        if (name == null) {
            throw new Refusal(Status.BAD_REQUEST_400, "the query needs stream, the name that the stream was given when it began");
        }
        Access.Client client = access.subscriber(request, true);
        Token token = client.token().orElseThrow(() -> Refusal.unauthorized("there is no token, and a fresh one is needed"));
        streams.renew(name, client, token);
        response.status(Status.NO_CONTENT_204).send();
    }

    private Request read(ServerRequest request, List<TopicSelector> defaultTopics) throws Refusal {
        Access.Client client = access.subscriber(request, false);
        try {
            Form query = Form.parse(request.query().rawValue());
            query.refuseLookalikes(PARAMETERS);
            List<TopicSelector> selectors = selectors(query, defaultTopics);
            for (TopicSelector selector : selectors) {
                if (!client.maySubscribe(selector)) {
                    throw client.mayNot("subscribe to " + selector.text());
                }
            }
            // the query is for clients that cannot set a header, such as a new EventSource (Mercure, "Reconnection")
            String lastEventId = request.headers().first(EventStream.LAST_EVENT_ID).filter(id -> !id.isEmpty())
                    .orElse(query.single("lastEventID"));
            String name = NamedStreams.requireText(query.single("stream"));
            return new Request(new Subscription(selectors, client.permission(), lastEventId, query.flag("live", true),
                    query.flag("explain", false)),
                    name == null ? null : streams.name(name, client));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Status.BAD_REQUEST_400, e);
        }
    }

    private List<TopicSelector> selectors(Form query, List<TopicSelector> defaultTopics) {
        List<String> topics = query.all("topic");
        int most = limits.maxTopics();
        if (topics.size() > most) {
            throw new LimitExceededException(Limit.TOPICS,
                    "a subscription may have " + most + " topics, this one has " + topics.size());
        }
        for (String topic : topics) {
            PublishForm.requireShort("topic", topic, limits.maxNameLength());
            if (LOST_PLUS.matcher(topic).find()) {
                throw new IllegalArgumentException(
                        "the topic " + topic + " has a space where a template has a +, which is a space "
                                + "in a query: it must be written %2B");
            }
        }
        List<TopicSelector> selectors = topics.isEmpty() ? defaultTopics : topics.stream().map(TopicSelector::parse).toList();
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("the query needs a topic: ?topic=NAME, more than once for several, * for all");
        }
        return selectors;
    }
}
