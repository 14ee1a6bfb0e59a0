package dev.ssehub.server;

import dev.ssehub.http.AccessLog;
import dev.ssehub.http.SecurityHeaders;
import io.helidon.webserver.http.HttpRouting;

/** The tables of all filters and routes: of the public port, and of the port that observes. */
final class Routes {
    private Routes() {}

    /** Adds the routes of the public port. */
    static void add(HttpRouting.Builder routing, Served served) {
        addFilters(routing, served);
        served.endpoint().register(routing);
        boolean observesElsewhere = served.settings().observe().isPresent();
        if (!observesElsewhere) {
            ObserveRoutes.add(routing, served);
        }
        ObserveRoutes.addSigns(routing, observesElsewhere);
        new Page(served).add(routing);
    }

    /** Adds the routes of the port that observes. */
    static void addObserving(HttpRouting.Builder routing, Served served) {
        addFilters(routing, served);
        ObserveRoutes.add(routing, served);
        ObserveRoutes.addSigns(routing, false);
        new Page(served).addForOperator(routing);
    }

    /** Adds the filters from the outermost to the innermost. */
    private static void addFilters(HttpRouting.Builder routing, Served served) {
        routing.addFilter((chain, request, _) -> Filters.trace(chain, request)).addFilter(AccessLog::filter)
                .addFilter((chain, _, _) -> Filters.await(chain, served.underWay()))
                .addFilter((chain, _, response) -> Filters.count(served.meters(), chain, response))
                .addFilter(SecurityHeaders::filter)
                .addFilter((chain, request, response) -> Filters.closeConnection(chain, request, response, served.health(),
                        served.keepAlive()))
                .addFilter(served.pages()::announce)
                .addFilter(served.hosts()::filter)
                .addFilter(served.pages()::admit);
    }
}
