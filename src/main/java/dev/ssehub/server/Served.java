package dev.ssehub.server;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.Mercure;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.http.AllowedHosts;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.hub.Hub;
import dev.ssehub.mercure.MercureService;
import dev.ssehub.metrics.Meters;
import dev.ssehub.operate.Operate;
import dev.ssehub.thread.UnderWay;
import dev.ssehub.tracing.Tracing;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;

/** What the routes of both ports share. A reload replaces the settings and the authorizer; the routes stay. Thread-safe. */
final class Served {
    private final Meters meters;
    private final Health health;
    private final UnderWay underWay = new UnderWay();
    private final CrossOrigin pages;
    private final AllowedHosts hosts;
    private final MercureService endpoint;
    private final Operate operate;
    private final AnswersHandler answers;
    private volatile ServerSettings settings;
    private volatile Header keepAlive;

    Served(ServerSettings settings, Hub hub, Cluster cluster, Authorizer authorizer, Meters meters, Tracing tracing,
            Health health, LongSupplier nanoTime) {
        this.meters = meters;
        this.health = health;
        this.pages = new CrossOrigin(settings.endpoint().allowedOrigins(), settings.endpoint().path(), Mercure.PATH, Page.PATH);
        this.hosts = new AllowedHosts(settings.allowedHosts());
        this.endpoint = new MercureService(settings.endpoint(), settings.limits(), hub, cluster, authorizer, meters, tracing,
                nanoTime);
        this.operate = new Operate(hub, cluster, authorizer, settings.operatesOnLoopback());
        this.answers = new AnswersHandler(new Access(authorizer, settings.endpoint(), System::nanoTime));
        this.settings = settings;
        this.keepAlive = keepAlive(settings);
    }

    /** Replaces everything that needs no other ports and no other routes. */
    void apply(ServerSettings next, Authorizer authorizer) {
        settings = next;
        keepAlive = keepAlive(next);
        pages.apply(next.endpoint().allowedOrigins());
        hosts.apply(next.allowedHosts());
        endpoint.apply(next.endpoint(), next.limits(), authorizer);
        operate.apply(authorizer, next.operatesOnLoopback());
        answers.apply(new Access(authorizer, next.endpoint(), System::nanoTime));
    }

    private static Header keepAlive(ServerSettings settings) {
        return HeaderValues.createCached("Keep-Alive", "timeout=" + settings.limits().idleTimeout().toSeconds());
    }

    ServerSettings settings() {
        return settings;
    }

    Meters meters() {
        return meters;
    }

    Health health() {
        return health;
    }

    /** Returns the requests that are being answered. */
    UnderWay underWay() {
        return underWay;
    }

    /** Returns the rules for pages of other origins. */
    CrossOrigin pages() {
        return pages;
    }

    AllowedHosts hosts() {
        return hosts;
    }

    MercureService endpoint() {
        return endpoint;
    }

    Operate operate() {
        return operate;
    }

    AnswersHandler answers() {
        return answers;
    }

    /** Returns the header that tells a client how long its connection stays open. */
    Header keepAlive() {
        return keepAlive;
    }
}
