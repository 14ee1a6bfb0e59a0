package dev.ssehub.mercure;

import java.util.List;

import dev.ssehub.http.Refusal;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.TopicSelector;

import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The hub's endpoint. The one place where an error becomes a status. */
public final class MercureService implements HttpService {

    private final SubscribeHandler subscribing;
    private final List<TopicSelector> defaultTopics;
    private final PublishHandler publishing;
    private final HubMetrics metrics;

    private interface Action {
        void handle(ServerRequest request, ServerResponse response) throws Refusal;
    }

    /** @param defaultTopics what a subscriber gets who names no topic; if that is nothing, a topic is asked for */
    public MercureService(SubscribeHandler subscribing, List<TopicSelector> defaultTopics, PublishHandler publishing,
            HubMetrics metrics) {
        this.subscribing = subscribing;
        this.defaultTopics = defaultTopics;
        this.publishing = publishing;
        this.metrics = metrics;
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
                new Refusal(Status.SERVICE_UNAVAILABLE_503, "the hub is stopping").send(request, response);
            }
        };
    }

    private void refuseMethod(ServerRequest request, ServerResponse response) {
        Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, POST, PUT",
                "GET to subscribe, POST to publish, and PUT to hand in a fresh token");
    }
}
