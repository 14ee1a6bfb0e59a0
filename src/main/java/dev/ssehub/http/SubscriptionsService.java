package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import dev.ssehub.http.ActiveSubscriptions.ActiveSubscription;
import dev.ssehub.hub.Hub;
import io.helidon.common.media.type.MediaType;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Lists the active subscriptions (Mercure, "Subscription API"): all, those of a topic, or one. */
final class SubscriptionsService implements HttpService {

    private static final MediaType JSON_LD = MediaTypes.create("application/ld+json");
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "private, no-cache");

    private final Hub hub;
    private final Access access;
    private final ActiveSubscriptions subscriptions;

    SubscriptionsService(Hub hub, Access access, ActiveSubscriptions subscriptions) {
        this.hub = hub;
        this.access = access;
        this.subscriptions = subscriptions;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.route(Routes.READ, PathMatchers.any(), this::list).any(this::refuseMethod);
    }

    private void list(ServerRequest request, ServerResponse response) {
        List<String> segments = segments(request);
        String id = Stream.concat(Stream.of(Routes.SUBSCRIPTIONS), segments.stream().map(ActiveSubscriptions::segment))
                .collect(joining("/"));
        if (segments.size() > 2 || segments.contains("")) {
            new Refusal(Status.NOT_FOUND_404, "there is no such list of subscriptions").send(request, response);
            return;
        }
        try {
            Access.Client client = access.subscriber(request, false);
            if (!client.maySee(id)) {
                throw client.mayNot("see " + id);
            }
            // first the id, then the list: who goes on from there may hear of a change twice, but never not at all
            String lastEventId = hub.lastEventId();
            // every change is an event, so the last event's id tells one state from another
            response.header(HeaderNames.ETAG, '"' + lastEventId + '"').header(REVALIDATE).header(Routes.HUB);
            if (isKnown(request, '"' + lastEventId + '"')) {
                response.status(Status.NOT_MODIFIED_304).send();
            } else {
                answer(request, response, id, segments, lastEventId);
            }
        } catch (Refusal e) {
            e.send(request, response);
        }
    }

    /** RFC 9110, section 13.1.2. */
    private static boolean isKnown(ServerRequest request, String tag) {
        return request.headers().values(HeaderNames.IF_NONE_MATCH).stream().flatMap(value -> Arrays.stream(value.split(",")))
                .map(known -> known.strip().replaceFirst("^W/", "")).anyMatch(known -> known.equals(tag) || known.equals("*"));
    }

    private void answer(ServerRequest request, ServerResponse response, String id, List<String> segments, String lastEventId) {
        List<ActiveSubscription> found = subscriptions.all()
                .filter(subscription -> segments.isEmpty() || subscription.selector().text().equals(segments.getFirst()))
                .filter(subscription -> segments.size() < 2 || subscription.subscriber().equals(segments.getLast())).toList();
        if (segments.size() == 2 && found.isEmpty()) {
            new Refusal(Status.NOT_FOUND_404, "there is no such subscription, or it has ended").send(request, response);
            return;
        }
        response.headers().contentType(JSON_LD);
        JsonObject.Builder document = ActiveSubscriptions.document().set("lastEventID", lastEventId);
        if (segments.size() == 2) {
            found.getFirst().describe(document, true);
        } else {
            document.set("id", id).set("type", "Subscriptions").setValues("subscriptions",
                    found.stream().map(subscription -> subscription.describe(JsonObject.builder(), true).build()).toList());
        }
        Refusal.send(request, response, document.build().toString());
    }

    /** What the path has below that of this service, decoded. A slash in a topic is a percent code there. */
    private static List<String> segments(ServerRequest request) {
        int depth = Routes.SUBSCRIPTIONS.split("/").length;
        return Arrays.stream(request.path().absolute().rawPath().split("/", -1)).skip(depth)
                .map(segment -> URI.create("/" + segment).getPath().substring(1)).toList();
    }

    private void refuseMethod(ServerRequest request, ServerResponse response) {
        Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET");
    }
}
