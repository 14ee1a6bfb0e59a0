package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.Mercure;
import dev.ssehub.auth.Token;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.event.HubEvents;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Form;
import dev.ssehub.http.NativeEventSource;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.stream.EventStream;
import dev.ssehub.stream.FrameSink;
import dev.ssehub.stream.Outlet;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.Names;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/** Opens event streams and renews the permission of open ones, for all endpoints of a hub. Any thread may call. */
final class SubscribeHandler {
    static final String STOPPING = "the hub is stopping";

    /** Finds a template such as {@code {+rest}} whose + was not sent as %2B. In a query, + means a space. */
    private static final Pattern LOST_PLUS = Pattern.compile("\\{ [A-Za-z0-9_%]");
    /** The names of {@code lastEventID}, in lower case and without separators. Polyfills of EventSource add their own. */
    private static final Set<String> LAST_EVENT_ID = Set.of("lasteventid", "evslasteventid");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final int MAX_LAST = 10_000;
    /** Mistakes for {@code last}. */
    private static final Pattern LIKE_LAST = Pattern.compile("last(n|events?)?");

    private final Streams streams;
    private final Hub hub;
    private final Access access;
    private final Duration retry;
    private final boolean listsSubscriptions;
    private final LimitSettings limits;
    private final Header heartbeatInterval;

    /**
     * What all streams of a hub share. It stays when the settings change.
     *
     * @param outlet what each stream needs
     * @param named the streams that have a name
     * @param active the subscriptions that are listed
     */
    record Streams(Hub hub, Outlet outlet, NamedStreams named, ActiveSubscriptions active) {
        static Streams of(Hub hub, Cluster cluster) {
            return new Streams(hub, new Outlet(hub), new NamedStreams(), new ActiveSubscriptions(hub, cluster.presence()));
        }
    }

    /**
     * The stream that a client requests.
     *
     * @param listed whether its subscriptions are listed
     * @param payload the payload of the token that the list shows
     * @param name its name, if it has one
     */
    private record Requested(Subscription subscription, boolean listed, Optional<String> payload,
            NamedStreams.@Nullable Name name) {}

    /** @param retry the time that a client waits before it reconnects */
    SubscribeHandler(Streams streams, Access access, Duration retry, boolean listsSubscriptions, LimitSettings limits) {
        this.streams = streams;
        this.hub = streams.hub();
        this.access = access;
        this.retry = retry;
        this.listsSubscriptions = listsSubscriptions;
        this.limits = limits;
        this.heartbeatInterval = HeaderValues.createCached(Mercure.HEARTBEAT_INTERVAL,
                BigDecimal.valueOf(hub.settings().heartbeatInterval().toMillis(), 3).stripTrailingZeros().toPlainString());
    }

    /** Refuses a stream, or opens it and throws an {@link EventStream.Opened}, which hands it to the connection. */
    void subscribe(ServerRequest request, ServerResponse response, List<TopicSelector> defaultTopics) throws Refusal {
        try {
            Requested requested = read(request, defaultTopics);
            if (!answerEnd(response, requested.subscription())) {
                open(request, response, requested);
            }
        } catch (Refusal e) {
            if (!e.isForNow()) {
                throw e;
            }
            refuseForNow(request, response, String.valueOf(e.getMessage()));
        } catch (HistoryUnavailableException e) {
            refuseForNow(request, response, String.valueOf(e.getMessage()));
        }
    }

    /** Answers with 204, at which an EventSource stops for good, if the topics have ended and the client has received everything. */
    private boolean answerEnd(ServerResponse response, Subscription subscription) {
        boolean isOver = hub.isOver(subscription);
        if (isOver) {
            response.header(HeaderValues.CACHE_NO_CACHE).status(Status.NO_CONTENT_204).send();
        }
        return isOver;
    }

    /**
     * Refuses a subscriber and closes the connection. An EventSource reconnects only after a 200 (WHATWG HTML 9.2.3), so it receives
     * a stream of one event, which says when to reconnect. Other clients receive a 503. The time is random, so that the clients do
     * not all return at once.
     */
    private void refuseForNow(ServerRequest request, ServerResponse response, String reason) {
        long average = limits.overloadRetry().toMillis();
        long millis = average / 2 + ThreadLocalRandom.current().nextLong(average + 1);
        response.header(HeaderValues.CONNECTION_CLOSE);
        // a client that accepts any type is curl or a library whose user wants to see the status
        if (request.headers().values(HeaderNames.ACCEPT).stream()
                .anyMatch(types -> types.toLowerCase(Locale.ROOT).contains(MediaTypes.TEXT_EVENT_STREAM.text()))) {
            FrameSink.setHeaders(response.headers());
            response.send(HubEvents.overload(reason, millis));
        } else {
            Refusal.forNow(Status.SERVICE_UNAVAILABLE_503, reason, null, Duration.ofMillis(millis)).send(request, response);
        }
    }

    private Requested read(ServerRequest request, List<TopicSelector> defaultTopics) throws Refusal {
        Access.Client client = access.subscriber(request, false);
        try {
            Form query = Form.parse(request.query().rawValue());
            List<TopicSelector> selectors = selectors(query, defaultTopics);
            client.requireSubscribe(selectors);
            // a new EventSource cannot set a header, so it uses the query (Mercure, "Reconnection")
            String lastEventId = request.headers().first(EventStream.LAST_EVENT_ID).filter(id -> !id.isEmpty())
                    .or(() -> query.last(LAST_EVENT_ID)).orElse(null);
            String name = NamedStreams.requireText(query.single("streamName"));
            Subscription subscription = new Subscription(selectors, client.permission(), lastEventId, query.flag("live", true),
                    query.flag("explain", false), query.flag("checkpoints", NativeEventSource.sent(request.headers())),
                    last(query), new Opening.Client(address(request).address(), client.subject()));
            boolean listed = listsSubscriptions && subscription.live();
            return new Requested(subscription, listed, listed ? client.payload() : Optional.empty(),
                    name == null ? null : streams.named().name(name, client));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    /** Returns the number of the newest events to start with, or 0 if the query has none. */
    private static int last(Form query) {
        query.refuseLookalikes("last", LIKE_LAST, "last");
        String last = query.single("last");
        if (last == null) {
            return 0;
        }
        int number = NUMBER.matcher(last).matches() ? Integer.parseInt(last) : 0;
        if (number < 1 || number > MAX_LAST) {
            throw new IllegalArgumentException("the field last must be a number of events from 1 to " + MAX_LAST + ", not '"
                    + Refusal.printable(last) + "'");
        }
        return number;
    }

    private List<TopicSelector> selectors(Form query, List<TopicSelector> defaultTopics) {
        List<String> topics = Mercure.topics(query);
        if (topics.size() > limits.maxTopics()) {
            throw new LimitExceededException(Limit.TOPICS,
                    "a subscription may have up to " + limits.maxTopics() + " topics, this one has " + topics.size());
        }
        for (String topic : topics) {
            Names.requireShort("topic", topic, limits.maxNameLength());
            if (LOST_PLUS.matcher(topic).find()) {
                throw new IllegalArgumentException("the topic " + Refusal.printable(topic) + " has a space after {: "
                        + "in a query, + means a space, and the + of a template must be written %2B");
            }
        }
        List<TopicSelector> selectors = topics.isEmpty() ? defaultTopics : topics.stream().map(TopicSelector::parse).toList();
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("the query needs a topic: ?topic=NAME, repeated for several topics, or * for all");
        }
        return selectors;
    }

    private void open(ServerRequest request, ServerResponse response, Requested requested) throws Refusal {
        if (hub.isClosed()) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, STOPPING);
        }
        Subscription subscription = requested.subscription();
        NamedStreams.Name name = requested.name();
        takePlace(request, subscription);
        Optional<ActiveSubscriptions.Listing> listing = requested.listed()
                ? Optional.of(streams.active().add(subscription.selectors(), requested.payload()))
                : Optional.empty();
        response.headers().set(heartbeatInterval).set(HeaderValues.CONNECTION_CLOSE); // the connection ends with the stream
        try {
            throw EventStream.open(streams.outlet(), response, retry, subscription, stream -> {
                Runnable unname = name == null ? () -> {} : streams.named().add(name, stream, subscription.selectors(), listing);
                return () -> {
                    unname.run();
                    listing.ifPresent(ActiveSubscriptions.Listing::end);
                };
            });
        } catch (HistoryUnavailableException e) {
            listing.ifPresent(ActiveSubscriptions.Listing::end);
            throw e;
        }
    }

    private static void takePlace(ServerRequest request, Subscription subscription) throws Refusal {
        String full = switch (HubConnection.place().openStream(address(request), subscription)) {
            case YES -> "";
            case CONNECTIONS -> "the hub has reached its limit of open streams";
            case MEMORY -> "the topics of the open streams leave no memory for another one";
            case CONNECTIONS_PER_ADDRESS -> "your address has reached its limit of connections";
        };
        if (!full.isEmpty()) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, full);
        }
    }

    private static ClientAddress address(ServerRequest request) {
        return HubConnection.client(request.headers());
    }

    /** Answers HEAD: sends the headers that the stream would have. */
    void describe(ServerRequest request, ServerResponse response, List<TopicSelector> defaultTopics) throws Refusal {
        if (!answerEnd(response, read(request, defaultTopics).subscription())) {
            FrameSink.setHeaders(response.headers());
            response.headers().set(heartbeatInterval);
            response.send();
        }
    }

    /** Answers PUT: gives an open stream the permission of a fresh token. */
    void renew(ServerRequest request, ServerResponse response) throws Refusal {
        String name;
        try {
            name = NamedStreams.requireText(Form.parse(request.query().rawValue()).single("streamName"));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
        if (name == null) {
            throw new Refusal(Status.BAD_REQUEST_400,
                    "the query needs the field streamName, the name that the stream was opened with; to publish, use POST");
        }
        Access.Client client = access.subscriber(request, true);
        Token token = client.token().orElseThrow(() -> Refusal.unauthorized("it takes a fresh token to renew a stream"));
        streams.named().renew(name, client, token);
        response.status(Status.NO_CONTENT_204).send();
    }
}
