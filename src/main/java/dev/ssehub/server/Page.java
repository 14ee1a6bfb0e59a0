package dev.ssehub.server;

import module java.base;
import dev.ssehub.access.Mercure;
import dev.ssehub.http.Refusal;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.MethodPredicate;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Which of its files a port serves, and what the hub adds to them. Helidon sends the files. */
final class Page {
    static final MethodPredicate READ = Method.predicate(Method.GET, Method.HEAD);
    static final String PATH = "/static";

    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    /** The library for browsers: the file that pages load, and those that it loads. */
    private static final String LIBRARY = PATH + "/sse-hub";
    /** The page for the operator, and its own files. */
    private static final String OPERATOR = PATH + "/ops";
    private static final Set<String> DEMO = Set.of(PATH + "/", PATH + "/index.html");

    private final boolean isEnabled;
    private final boolean observesElsewhere;
    private final Served served;
    private final String hub;
    private final Header links;

    Page(Served served) {
        ServerSettings settings = served.settings();
        this.served = served;
        this.isEnabled = settings.page();
        this.observesElsewhere = settings.observe().isPresent();
        this.hub = settings.endpoint().path();
        // the Mercure hub, and the stream with the events that the page shows
        this.links = HeaderValues.create(HeaderNames.LINK, Mercure.LINK.get(),
                "<" + hub + ">; rel=\"alternate\"; type=\"text/event-stream\"");
    }

    private static JsonValue textOrNull(Optional<String> text) {
        return text.<JsonValue>map(JsonString::create).orElse(JsonNull.instance());
    }

    /** Adds the routes of the public port. It has the operator's page only if it also has what that page shows. */
    void add(HttpRouting.Builder routing) {
        if (isEnabled) {
            redirect(routing, "/", "/index.html");
            redirect(routing, "/favicon.ico", "/icon.svg"); // browsers request this path for pages that name no icon
        }
        addFiles(routing, path -> isEnabled ? !observesElsewhere || !path.startsWith(OPERATOR) : path.startsWith(LIBRARY));
        routing.route(READ, PathMatchers.exact(PATH + "/page.json"), this::describePage);
    }

    /** Adds the routes of the port that observes: the files of the operator's page, and those that it shares with the demo page. */
    void addForOperator(HttpRouting.Builder routing) {
        if (isEnabled) {
            redirect(routing, "/", "/ops.html");
            redirect(routing, "/favicon.ico", "/icon.svg");
        }
        addFiles(routing, path -> isEnabled && !DEMO.contains(path));
    }

    private static void redirect(HttpRouting.Builder routing, String path, String file) {
        Header location = HeaderValues.create(HeaderNames.LOCATION, PATH + file);
        routing.route(READ, PathMatchers.exact(path), (_, response) -> response.status(Status.FOUND_302).header(location).send());
    }

    private void addFiles(HttpRouting.Builder routing, Predicate<String> served) {
        routing.any(PATH + "/*", (request, response) -> {
            String path = request.prologue().uriPath().path();
            if (served.test(path) && !path.contains("/.") && !path.contains("//")) { // encoded, they would lead around the rule
                describeFile(request, response);
            } else {
                new Refusal(Status.NOT_FOUND_404, "there is nothing here").send(request, response);
            }
        });
    }

    private void describeFile(ServerRequest request, ServerResponse response) {
        SecurityHeaders.setForPage(response.headers());
        if (!READ.test(request.prologue().method())) {
            Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET");
            return;
        }
        Optional<String> mistake = FileHeaders.mistake(request.headers());
        if (mistake.isPresent()) {
            new Refusal(Status.BAD_REQUEST_400, mistake.get()).send(request, response);
        } else {
            response.header(links).header(REVALIDATE).next();
        }
    }

    /** Sends what the page needs to know of the configuration: the path of the hub, and the topics of the feeds that run. */
    private void describePage(ServerRequest request, ServerResponse response) {
        ServerSettings settings = served.settings();
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        Refusal.send(request, response, JsonObject.builder().set("hub", hub)
                .setStrings("messages", settings.endpoint().defaultTopics().stream().map(TopicSelector::text).toList())
                .set("time", textOrNull(settings.timeTopic())).set("system", textOrNull(settings.systemTopic()))
                .set("log", textOrNull(settings.logTopic())).set("answers", textOrNull(settings.answersTopic())).build()
                .toString());
    }
}
