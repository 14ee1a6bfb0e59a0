package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.EndpointSettings;
import dev.ssehub.access.Mercure;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.cluster.Rates;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.publish.ForgetHandler;
import dev.ssehub.publish.OpenBodies;
import dev.ssehub.publish.PublishHandler;
import dev.ssehub.publish.Publishers;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.Tracing;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The endpoint of the hub: selects the handler of a request and turns its errors into answers. Any thread may call. */
public final class MercureService {
    private interface Action {
        void handle(Handlers handlers, ServerRequest request, ServerResponse response) throws Refusal;
    }

    /** The handlers for the settings that apply now. A request uses the handlers that it has begun with. */
    private record Handlers(SubscribeHandler subscribing, PublishHandler publishing, ForgetHandler forgetting,
            SubscriptionsHandler listing, Access access, List<TopicSelector> defaultTopics) {}

    private final SubscribeHandler.Streams streams;
    private final HubMetrics metrics;
    private final Tracing tracing;
    private final Rates rates;
    private final LongSupplier nanoTime;
    private final EndpointSettings first;
    private final OpenBodies bodies = new OpenBodies();
    private volatile Handlers handlers;

    /** @param nanoTime the clock of the rates */
    public MercureService(EndpointSettings settings, LimitSettings limits, Hub hub, Cluster cluster, Authorizer authorizer,
            HubMetrics metrics, Tracing tracing, LongSupplier nanoTime) {
        this.streams = SubscribeHandler.Streams.of(hub, cluster);
        this.metrics = metrics;
        this.tracing = tracing;
        this.rates = cluster.rates();
        this.nanoTime = nanoTime;
        this.first = settings;
        this.handlers = handlers(settings, limits, authorizer);
    }

    /**
     * Replaces the settings, except the path and whether subscriptions are listed. Open streams stay. The rates and the bodies of
     * publishers are counted anew.
     */
    public void apply(EndpointSettings settings, LimitSettings limits, Authorizer authorizer) {
        handlers = handlers(settings, limits, authorizer);
    }

    private Handlers handlers(EndpointSettings settings, LimitSettings limits, Authorizer authorizer) {
        Access access = new Access(authorizer, settings, nanoTime);
        Publishers publishers = new Publishers(access, limits, rates, nanoTime);
        return new Handlers(new SubscribeHandler(streams, access, settings.retry(), first.listsSubscriptions(), limits),
                new PublishHandler(streams.hub(), publishers, limits, metrics, tracing,
                        () -> this.handlers.access(), bodies),
                new ForgetHandler(streams.hub(), publishers, limits),
                new SubscriptionsHandler(streams.hub(), access, streams.active()), access,
                settings.defaultTopics());
    }

    /** Ends the requests whose bodies last, when the hub takes no more events. */
    public void endPublishing() {
        bodies.close();
    }

    /** Registers the endpoint, at the configured path and at {@link Mercure#PATH}, and the list of active subscriptions. */
    public void register(HttpRouting.Builder routing) {
        if (first.listsSubscriptions()) {
            routing.register(Mercure.SUBSCRIPTIONS, rules -> rules
                    .route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.any(),
                            refusing((now, request, response) -> now.listing().list(request, response)))
                    .any((request, response) -> Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET")));
        } else {
            routing.any(Mercure.SUBSCRIPTIONS + "*", (request, response) -> new Refusal(Status.NOT_FOUND_404,
                    "this hub lists no subscriptions: sse-hub.subscriptions.enabled is false").send(request, response));
        }
        routing.register(first.path(), endpoint(Handlers::defaultTopics)).register(Mercure.PATH, endpoint(_ -> List.of()));
    }

    /** @param defaultTopics the topics of a subscriber that names none; if empty, a subscriber must name one */
    private HttpService endpoint(Function<Handlers, List<TopicSelector>> defaultTopics) {
        return rules -> rules
                .get("/", refusing((now, request, response) -> now.subscribing().subscribe(request, response,
                        defaultTopics.apply(now))))
                .head("/", refusing((now, request, response) -> now.subscribing().describe(request, response,
                        defaultTopics.apply(now))))
                .put("/", refusing((now, request, response) -> now.subscribing().renew(request, response)))
                .post("/", refusing((now, request, response) -> now.publishing().publish(request, response)))
                .delete("/", refusing((now, request, response) -> now.forgetting().forget(request, response)))
                .any("/", (request, response) -> Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, POST, PUT, DELETE",
                        "GET to subscribe, POST to publish, PUT to renew the token of a stream, and DELETE to forget the past "
                                + "of topics"));
    }

    private Handler refusing(Action action) {
        return (request, response) -> {
            try {
                action.handle(handlers, request, response);
            } catch (Refusal e) {
                e.limit().ifPresent(metrics::reached);
                e.send(request, response);
            } catch (HistoryUnavailableException | ClusterUnavailableException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())).send(request, response);
            } catch (HubClosedException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, SubscribeHandler.STOPPING).send(request, response);
            }
        };
    }
}
