package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The endpoint of the hub: selects the handler of a request and turns its errors into answers. */
public final class MercureService {
    private interface Action {
        void handle(ServerRequest request, ServerResponse response) throws Refusal;
    }

    private MercureService() {}

    /** Registers the endpoint, at the configured path and at {@link Mercure#PATH}, and the list of active subscriptions. */
    public static void register(HttpRouting.Builder routing, EndpointSettings settings, LimitSettings limits, Hub hub,
            Authorizer authorizer, HubMetrics metrics) {
        Access access = new Access(authorizer, settings, System::nanoTime);
        ActiveSubscriptions active = new ActiveSubscriptions(hub);
        SubscribeHandler subscribing = new SubscribeHandler(hub, access, settings, limits, active);
        Publishers publishers = new Publishers(access, limits);
        PublishHandler publishing = new PublishHandler(hub, publishers, limits);
        ForgetHandler forgetting = new ForgetHandler(hub, publishers, limits);
        if (settings.listsSubscriptions()) {
            SubscriptionsHandler listing = new SubscriptionsHandler(hub, access, active);
            routing.register(Mercure.SUBSCRIPTIONS, rules -> rules
                    .route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.any(), refusing(metrics, listing::list))
                    .any((request, response) -> Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET")));
        } else {
            routing.any(Mercure.SUBSCRIPTIONS + "*", (request, response) -> new Refusal(Status.NOT_FOUND_404,
                    "this hub lists no subscriptions: sse-hub.subscriptions.enabled is false").send(request, response));
        }
        routing.register(settings.path(), endpoint(subscribing, publishing, forgetting, metrics, settings.defaultTopics()))
                .register(Mercure.PATH, endpoint(subscribing, publishing, forgetting, metrics, List.of()));
    }

    /** @param defaultTopics the topics of a subscriber that names none; if empty, a subscriber must name one */
    private static HttpService endpoint(SubscribeHandler subscribing, PublishHandler publishing, ForgetHandler forgetting,
            HubMetrics metrics, List<TopicSelector> defaultTopics) {
        return rules -> rules
                .get("/", refusing(metrics, (request, response) -> subscribing.subscribe(request, response, defaultTopics)))
                .head("/", refusing(metrics, (request, response) -> subscribing.describe(request, response, defaultTopics)))
                .put("/", refusing(metrics, subscribing::renew)).post("/", refusing(metrics, publishing::publish))
                .delete("/", refusing(metrics, forgetting::forget))
                .any("/", (request, response) -> Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, POST, PUT, DELETE",
                        "GET to subscribe, POST to publish, PUT to renew the token of a stream, and DELETE to forget the past "
                                + "of topics"));
    }

    private static Handler refusing(HubMetrics metrics, Action action) {
        return (request, response) -> {
            try {
                action.handle(request, response);
            } catch (Refusal e) {
                e.limit().ifPresent(metrics::reached);
                e.send(request, response);
            } catch (HistoryUnavailableException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())).send(request, response);
            } catch (HubClosedException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, SubscribeHandler.STOPPING).send(request, response);
            }
        };
    }
}
