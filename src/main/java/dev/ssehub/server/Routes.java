package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.http.AllowedHosts;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.Refusal;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.hub.Hub;
import dev.ssehub.mercure.EndpointSettings;
import dev.ssehub.mercure.Mercure;
import dev.ssehub.mercure.MercureService;
import dev.ssehub.metrics.Meters;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** The table of all filters and routes. */
final class Routes {
    private Routes() {}

    /** Returns the rules for pages of other origins. */
    static CrossOrigin pages(EndpointSettings endpoint) {
        return new CrossOrigin(endpoint.allowedOrigins(), endpoint.path(), Mercure.PATH, Page.PATH);
    }

    static void add(HttpRouting.Builder routing, ServerSettings settings, CrossOrigin pages, Hub hub, Authorizer authorizer,
            Meters meters) {
        addFilters(routing, settings, pages, meters);
        new MercureService(settings.endpoint(), settings.limits(), hub, authorizer, meters).register(routing);
        Page page = new Page(settings);
        routing.route(Page.READ, PathMatchers.exact("/observe/metrics"),
                (request, response) -> sendMetrics(meters, request, response))
                .route(Page.READ, PathMatchers.exact("/"), (_, response) -> Page.redirect(response, Page.PATH + "/index.html"))
                // browsers request this path for pages that name no icon
                .route(Page.READ, PathMatchers.exact("/favicon.ico"),
                        (_, response) -> Page.redirect(response, Page.PATH + "/icon.svg"))
                .any(Page.PATH + "/*", page::describeFile)
                .route(Page.READ, PathMatchers.exact(Page.PATH + "/page.json"), page::describePage);
    }

    /** Adds the filters from the outermost to the innermost. */
    private static void addFilters(HttpRouting.Builder routing, ServerSettings settings, CrossOrigin pages, Meters meters) {
        Header keepAlive = HeaderValues.createCached("Keep-Alive", "timeout=" + settings.limits().idleTimeout().toSeconds());
        routing.addFilter((chain, _, response) -> Filters.count(meters, chain, response)).addFilter(SecurityHeaders::filter)

                .addFilter((chain, request, response) -> Filters.closeConnection(chain, request, response, keepAlive))
                .addFilter(pages::announce)
                .addFilter(new AllowedHosts(settings.allowedHosts())::filter)
                .addFilter(pages::admit);
    }

    private static void sendMetrics(Meters meters, ServerRequest request, ServerResponse response) {
        response.headers().set(HeaderNames.CONTENT_TYPE, Meters.CONTENT_TYPE);
        Refusal.send(request, response, new String(meters.scrape(), UTF_8));
    }
}
