package dev.ssehub.server;

import io.helidon.webserver.http.HttpRouting;

/** The tables of all routes: of the public port, and of the port that observes. */
final class Routes {
    private Routes() {}

    /** Adds the routes of the public port. */
    static void add(HttpRouting.Builder routing, Served served) {
        routing.addFilter(new RequestFilter(served));
        served.endpoint().register(routing);
        boolean observesElsewhere = served.settings().observe().isPresent();
        if (!observesElsewhere) {
            ObserveRoutes.add(routing, served);
        }
        ObserveRoutes.addSigns(routing, observesElsewhere);
        if (served.settings().page()) {
            served.answers().register(routing);
        }
        new Page(served).add(routing);
    }

    /** Adds the routes of the port that observes. */
    static void addObserving(HttpRouting.Builder routing, Served served) {
        routing.addFilter(new RequestFilter(served));
        ObserveRoutes.add(routing, served);
        ObserveRoutes.addSigns(routing, false);
        new Page(served).addForOperator(routing);
    }
}
