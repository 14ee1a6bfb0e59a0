package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.Mercure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import io.helidon.common.media.type.MediaType;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Lists the active subscriptions (Mercure, "Subscription API"): all, those of one topic, or a single one. */
record SubscriptionsHandler(Hub hub, Access access, ActiveSubscriptions subscriptions) {
    private static final MediaType JSON_LD = MediaTypes.create("application/ld+json");
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "private, no-cache");

    void list(ServerRequest request, ServerResponse response) throws Refusal {
        List<String> segments = segments(request);
        if (segments.size() > 2 || segments.contains("")) {
            throw new Refusal(Status.NOT_FOUND_404, "there is no list of subscriptions at this path");
        }
        String id = Stream.concat(Stream.of(Mercure.SUBSCRIPTIONS), segments.stream().map(ActiveSubscription::segment))
                .collect(joining("/"));
        access.subscriber(request, false).requireSee(id);
        // read before the list: a client that continues from this id may see a change twice, but misses none
        String lastEventId = hub.lastEventId();
        // every change is an event, so the id of the last event identifies the state of the list
        String tag = '"' + lastEventId + '"';
        JsonObject.Builder document = ActiveSubscription.document().set("lastEventID", lastEventId);
        if (isKnown(request, tag)) {
            describe(response, tag).status(Status.NOT_MODIFIED_304).send();
        } else if (segments.size() == 2) {
            ActiveSubscription one = find(segments)
                    .orElseThrow(() -> new Refusal(Status.NOT_FOUND_404, "this subscription does not exist or has ended"));
            describe(response, tag).headers().contentType(JSON_LD);
            Refusal.send(request, response, one.describe(document).build().toString());
        } else if (HubConnection.isHttp10()) {
            throw new Refusal(Status.HTTP_VERSION_NOT_SUPPORTED_505, "this list is sent in chunks, which need HTTP/1.1");
        } else {
            Stream<ActiveSubscription> others = subscriptions.ofOtherNodes(segments);
            Stream<ActiveSubscription> own = subscriptions.ofThisNode()
                    .filter(subscription -> segments.isEmpty() || subscription.topic().equals(segments.getFirst()));
            describe(response, tag).headers().contentType(JSON_LD);
            send(request, response, document.set("id", id).set("type", "Subscriptions").build(), Stream.concat(own, others));
        }
    }

    private static ServerResponse describe(ServerResponse response, String tag) {
        return response.header(HeaderNames.ETAG, tag).header(REVALIDATE).header(Mercure.LINK);
    }

    /** Finds a single subscription. If this node has it, the others are not asked. */
    private Optional<ActiveSubscription> find(List<String> segments) {
        Predicate<ActiveSubscription> same = subscription -> segments
                .equals(List.of(subscription.topic(), subscription.subscriber()));
        return subscriptions.ofThisNode().filter(same).findFirst()
                .or(() -> subscriptions.ofOtherNodes(segments).filter(same).findFirst());
    }

    /** Returns whether the client has this state already (RFC 9110, section 13.1.2). */
    private static boolean isKnown(ServerRequest request, String tag) {
        return request.headers().values(HeaderNames.IF_NONE_MATCH).stream().flatMap(value -> Arrays.stream(value.split(",")))
                .map(known -> known.strip().replaceFirst("^W/", "")).anyMatch(known -> known.equals(tag) || known.equals("*"));
    }

    /** Writes one subscription after another, because the whole list may not fit into memory. */
    private static void send(ServerRequest request, ServerResponse response, JsonObject document,
            Stream<ActiveSubscription> found) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send();
            return;
        }
        String begin = document.toString();
        try {
            Writer out = new OutputStreamWriter(response.outputStream(), UTF_8);
            out.write(begin.substring(0, begin.lastIndexOf('}')) + ",\"subscriptions\":[");
            String separator = "";
            for (ActiveSubscription subscription : (Iterable<ActiveSubscription>) found::iterator) {
                out.write(separator + subscription.describe(JsonObject.builder()).build());
                separator = ",";
            }
            out.write("]}");
            out.close(); // not earlier: an answer without its last chunk is not taken for the whole list
        } catch (IOException | UncheckedIOException e) {
            throw new CloseConnectionException("the client disconnected before the end of the answer", e);
        } catch (ClusterUnavailableException e) {
            throw new CloseConnectionException("the list cannot be completed: " + e.getMessage(), e);
        }
    }

    /** Returns the decoded segments below the path of this service. A slash in a topic is percent-encoded. */
    private static List<String> segments(ServerRequest request) {
        int depth = Mercure.SUBSCRIPTIONS.split("/").length;
        return Arrays.stream(request.path().absolute().rawPath().split("/", -1)).skip(depth)
                .map(ActiveSubscription::text).toList();
    }
}
