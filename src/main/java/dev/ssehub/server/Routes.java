package dev.ssehub.server;

import module java.base;
import dev.ssehub.http.AccessLog;
import dev.ssehub.http.AllowedHosts;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.mercure.EndpointSettings;
import dev.ssehub.mercure.Mercure;
import dev.ssehub.mercure.MercureService;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;

/** The tables of all filters and routes: of the public port, and of the port that observes. */
final class Routes {
    private Routes() {}

    /** Returns the rules for pages of other origins. */
    static CrossOrigin pages(EndpointSettings endpoint) {
        return new CrossOrigin(endpoint.allowedOrigins(), endpoint.path(), Mercure.PATH, Page.PATH);
    }

    /** Adds the routes of the public port. */
    static void add(HttpRouting.Builder routing, Served served, CrossOrigin pages) {
        ServerSettings settings = served.settings();
        addFilters(routing, served, pages);
        new MercureService(settings.endpoint(), settings.limits(), served.hub(), served.authorizer(), served.meters())
                .register(routing);
        boolean observesElsewhere = settings.observe().isPresent();
        if (!observesElsewhere) {
            ObserveRoutes.add(routing, served);
        }
        ObserveRoutes.addSigns(routing, observesElsewhere);
        new Page(settings).add(routing);
    }

    /** Adds the routes of the port that observes. */
    static void addObserving(HttpRouting.Builder routing, Served served, CrossOrigin pages) {
        addFilters(routing, served, pages);
        ObserveRoutes.add(routing, served);
        ObserveRoutes.addSigns(routing, false);
        new Page(served.settings()).addForOperator(routing);
    }

    /** Adds the filters from the outermost to the innermost. */
    private static void addFilters(HttpRouting.Builder routing, Served served, CrossOrigin pages) {
        ServerSettings settings = served.settings();
        Header keepAlive = HeaderValues.createCached("Keep-Alive", "timeout=" + settings.limits().idleTimeout().toSeconds());
        routing.addFilter((chain, request, _) -> Filters.trace(chain, request)).addFilter(AccessLog::filter)
                .addFilter((chain, _, response) -> Filters.count(served.meters(), chain, response))
                .addFilter(SecurityHeaders::filter)
                .addFilter((chain, request, response) -> Filters.closeConnection(chain, request, response, keepAlive))
                .addFilter(pages::announce)
                .addFilter(new AllowedHosts(settings.allowedHosts())::filter)
                .addFilter(pages::admit);
    }
}
