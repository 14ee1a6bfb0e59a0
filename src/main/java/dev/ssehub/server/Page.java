package dev.ssehub.server;

import module java.base;
import dev.ssehub.http.Refusal;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.mercure.Mercure;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.MethodPredicate;
import io.helidon.http.Status;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** What the hub adds to the demo page, whose files Helidon sends. */
final class Page {
    static final MethodPredicate READ = Method.predicate(Method.GET, Method.HEAD);
    static final String PATH = "/static";

    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    private final Header links;
    private final String description;

    Page(ServerSettings settings) {
        String hub = settings.endpoint().path();
        // the Mercure hub, and the stream with the events that the page shows
        this.links = HeaderValues.create(HeaderNames.LINK, Mercure.LINK.get(),
                "<" + hub + ">; rel=\"alternate\"; type=\"text/event-stream\"");
        this.description = JsonObject.builder().set("hub", hub)
                .setStrings("messages", settings.endpoint().defaultTopics().stream().map(TopicSelector::text).toList())
                .set("time", textOrNull(settings.timeTopic())).set("system", textOrNull(settings.systemTopic()))
                .set("log", textOrNull(settings.logTopic())).build().toString();
    }

    private static JsonValue textOrNull(Optional<String> text) {
        return text.<JsonValue>map(JsonString::create).orElse(JsonNull.instance());
    }

    void describeFile(ServerRequest request, ServerResponse response) {
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
    void describePage(ServerRequest request, ServerResponse response) {
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        Refusal.send(request, response, description);
    }

    static void redirect(ServerResponse response, String path) {
        response.status(Status.FOUND_302).header(HeaderValues.create(HeaderNames.LOCATION, path)).send();
    }
}
