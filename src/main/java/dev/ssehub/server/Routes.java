package dev.ssehub.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.UncheckedIOException;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.http.Refusal;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.mercure.Access;
import dev.ssehub.mercure.ActiveSubscriptions;
import dev.ssehub.mercure.EndpointSettings;
import dev.ssehub.mercure.MercureService;
import dev.ssehub.mercure.PublishHandler;
import dev.ssehub.mercure.SubscribeHandler;
import dev.ssehub.mercure.SubscriptionsService;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.InternalServerException;
import io.helidon.http.Method;
import io.helidon.http.MethodPredicate;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** What is found where. */
public final class Routes {

    /** Where clients that know the Mercure protocol look for a hub. */
    public static final String MERCURE = "/.well-known/mercure";
    /** Where they look for the active subscriptions. */
    public static final String SUBSCRIPTIONS = MERCURE + "/subscriptions";
    /** Says where the hub is (Mercure, "Discovery"). */
    public static final Header HUB = HeaderValues.createCached(HeaderNames.LINK, "<" + MERCURE + ">; rel=\"mercure\"");
    /** For Prometheus. */
    static final String METRICS = "/observe/metrics";
    public static final MethodPredicate READ = Method.predicate(Method.GET, Method.HEAD);

    private static final String STATIC = "/static";
    private static final String PAGE = STATIC + "/index.html";
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    private Routes() {}

    static void add(HttpRouting.Builder routing, ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters) {
        EndpointSettings endpoint = settings.endpoint();
        Access access = new Access(authorizer, endpoint);
        Optional<ActiveSubscriptions> subscriptions = endpoint.listsSubscriptions()
                ? Optional.of(new ActiveSubscriptions(hub, SUBSCRIPTIONS))
                : Optional.empty();
        subscriptions.ifPresentOrElse(
                active -> routing.register(SUBSCRIPTIONS, new SubscriptionsService(hub, access, active)),
                () -> routing.any(SUBSCRIPTIONS + "*", (request, response) -> new Refusal(Status.NOT_FOUND_404,
                        "this hub lists no subscriptions: sse-hub.subscriptions.enabled is false").send(request, response)));
        // where the hub is, and where what this very page shows comes as events
        Header links = HeaderValues.create(HeaderNames.LINK, HUB.get(),
                "<" + endpoint.path() + ">; rel=\"alternate\"; type=\"text/event-stream\"");
        SubscribeHandler subscribing = new SubscribeHandler(hub, access, endpoint, settings.limits(), subscriptions);
        PublishHandler publishing = new PublishHandler(hub, access, settings.limits());
        CrossOrigin pages = new CrossOrigin(endpoint.allowedOrigins(), endpoint.path(), MERCURE, STATIC);
        routing.addFilter((chain, _, response) -> count(meters, chain, response)).addFilter(SecurityHeaders::filter)
                .addFilter(Routes::closeWhereAskedTo);
        if (endpoint.allowedOrigins().isEmpty()) {
            routing.addFilter(Routes::refuseChunks).addFilter(pages::refusePreflight);
        } else {
            routing.addFilter(pages::announce).addFilter(Routes::refuseChunks).addFilter(pages::admit);
        }
        routing.register(endpoint.path(), new MercureService(subscribing, endpoint.defaultTopics(), publishing, meters))
                .register(MERCURE, new MercureService(subscribing, List.of(), publishing, meters))
                .route(READ, PathMatchers.exact(METRICS), (request, response) -> {
                    response.headers().set(HeaderNames.CONTENT_TYPE, Meters.CONTENT_TYPE);
                    Refusal.send(request, response, new String(meters.scrape(), UTF_8));
                })
                .route(READ, PathMatchers.exact("/"), (_, response) -> redirect(response, PAGE))
                // for pages that name no icon: browsers ask for this one
                .route(READ, PathMatchers.exact("/favicon.ico"), (_, response) -> redirect(response, STATIC + "/icon.svg"))
                .any(STATIC + "/*", (request, response) -> describeFile(links, request, response))
                .route(READ, PathMatchers.exact(STATIC + "/page.json"),
                        (request, response) -> describePage(settings, request, response))
                // an If-Modified-Since that is no date is the client's mistake; Helidon takes it for its own
                .error(DateTimeParseException.class, (request, response, e) -> new Refusal(Status.BAD_REQUEST_400,
                        "a date in the headers cannot be read: " + e.getMessage()).send(request, response))
                .error(InternalServerException.class, Routes::refuseHeaders);
    }

    /** What Helidon, which sends the file, does not say of it. */
    private static void describeFile(Header links, ServerRequest request, ServerResponse response) {
        SecurityHeaders.setForPage(response.headers());
        if (READ.test(request.prologue().method())) {
            // a new version of the page is seen at once
            response.header(links).header(REVALIDATE).next();
        } else {
            Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET");
        }
    }

    /** Nor can it read each Range and each If-None-Match, and takes also that for its own mistake. */
    private static void refuseHeaders(ServerRequest request, ServerResponse response, InternalServerException e) {
        if (!(e.getCause() instanceof IllegalArgumentException || e.getCause() instanceof IndexOutOfBoundsException)) {
            throw e;
        }
        new Refusal(Status.BAD_REQUEST_400, "the headers that ask for a part or for what has changed cannot be read")
                .send(request, response);
    }

    /** What the page cannot know: where the hub is, and on which topics the feeds are, if they are on. */
    private static void describePage(ServerSettings settings, ServerRequest request, ServerResponse response) {
        ServerSettings.FeedTopics feeds = settings.feeds();
        JsonObject page = JsonObject.builder().set("hub", settings.endpoint().path())
                .setStrings("messages", settings.endpoint().defaultTopics().stream().map(TopicSelector::text).toList())
                .set("time", textOrNull(feeds.time())).set("system", textOrNull(feeds.system()))
                .set("log", textOrNull(feeds.log()))
                .build();
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        Refusal.send(request, response, page.toString());
    }

    private static JsonValue textOrNull(Optional<String> text) {
        return text.<JsonValue>map(JsonString::create).orElse(JsonNull.instance());
    }

    /** What never comes here, {@link DirectErrors} counts. */
    private static void count(Meters meters, FilterChain chain, RoutingResponse response) {
        try {
            chain.proceed();
        } finally {
            if (response.isSent()) {
                meters.answered(response.status().code());
            }
        }
    }

    /** RFC 9112, section 9.6: the client may ask for it, or the answer say so, as it does where connections are scarce. */
    private static void closeWhereAskedTo(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Connections.Place place = HubConnection.place();
        boolean scarce = place.isScarce();
        if (scarce) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        chain.proceed();
        place.closeStream(); // an answer that has an end was none
        if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)
                || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            if (response.hasEntity()) {
                response.commit();
            }
            readToTheEnd(request);
            throw new CloseConnectionException("this was the last answer");
        }
    }

    /** A connection that is closed with something unread is reset, and then the answer could be lost. */
    private static void readToTheEnd(RoutingRequest request) {
        try {
            if (!request.headers().containsToken(HeaderValues.EXPECT_100)) {
                request.content().consume();
            }
        } catch (UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the client left in the middle of its request", e);
        }
    }

    /** Helidon 4.5.0 would read a line that says how long a chunk is to its end, into memory, even if it has none. */
    private static void refuseChunks(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (!request.headers().contains(HeaderNames.TRANSFER_ENCODING)) {
            chain.proceed();
            return;
        }
        response.header(HeaderValues.CONNECTION_CLOSE);
        new Refusal(Status.LENGTH_REQUIRED_411,
                "a request must say in advance how long it is (Content-Length), the hub takes none in chunks")
                .send(request, response);
        throw new CloseConnectionException("a request in chunks is not read");
    }

    private static void redirect(ServerResponse response, String path) {
        response.status(Status.FOUND_302).header(HeaderValues.create(HeaderNames.LOCATION, path)).send();
    }
}
