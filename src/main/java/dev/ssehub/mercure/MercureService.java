package dev.ssehub.mercure;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** The endpoint of the hub: selects the handler of a request and turns its errors into answers. */
public final class MercureService implements HttpService {

    private final SubscribeHandler subscribing;
    private final List<TopicSelector> defaultTopics;
    private final PublishHandler publishing;
    private final HubMetrics metrics;

    private interface Action {
        void handle(ServerRequest request, ServerResponse response) throws Refusal;
    }

    /** @param defaultTopics the topics of a subscriber that names none; if empty, a subscriber must name one */
    private MercureService(SubscribeHandler subscribing, List<TopicSelector> defaultTopics, PublishHandler publishing,
            HubMetrics metrics) {
        this.subscribing = subscribing;
        this.defaultTopics = defaultTopics;
        this.publishing = publishing;
        this.metrics = metrics;
    }

    /** Registers the endpoint, at the configured path and at {@link Mercure#PATH}, and the list of active subscriptions. */
    public static void register(HttpRouting.Builder routing, EndpointSettings settings, LimitSettings limits, Hub hub,
            Authorizer authorizer, HubMetrics metrics) {
        Access access = new Access(authorizer, settings);
        ActiveSubscriptions subscriptions = new ActiveSubscriptions(hub, settings.listsSubscriptions());
        SubscribeHandler subscribing = new SubscribeHandler(hub, access, settings, limits, subscriptions);
        PublishHandler publishing = new PublishHandler(hub, access, limits);
        if (settings.listsSubscriptions()) {
            routing.register(Mercure.SUBSCRIPTIONS, new SubscriptionsService(hub, access, subscriptions));
        } else {
            routing.any(Mercure.SUBSCRIPTIONS + "*", (request, response) -> new Refusal(Status.NOT_FOUND_404,
                    "this hub lists no subscriptions: sse-hub.subscriptions.enabled is false").send(request, response));
        }
        routing.register(settings.path(), new MercureService(subscribing, settings.defaultTopics(), publishing, metrics))
                .register(Mercure.PATH, new MercureService(subscribing, List.of(), publishing, metrics));
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", refusing((request, response) -> subscribing.subscribe(request, response, defaultTopics)))
                .head("/", refusing((request, response) -> subscribing.describe(request, response, defaultTopics)))
                .put("/", refusing(subscribing::renew)).post("/", refusing(publishing::publish)).any("/", this::refuseMethod);
    }

    private Handler refusing(Action action) {
        return (request, response) -> {
            try {
                action.handle(request, response);
            } catch (Refusal e) {
                e.limit().ifPresent(metrics::reached);
                e.send(request, response);
            } catch (HubClosedException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, SubscribeHandler.STOPPING).send(request, response);
            }
        };
    }

    private void refuseMethod(ServerRequest request, ServerResponse response) {
        Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, POST, PUT",
                "GET to subscribe, POST to publish, and PUT to renew the token of a stream");
    }
}
