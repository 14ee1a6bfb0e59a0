package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.Mercure;
import dev.ssehub.access.ReservedTopics;
import dev.ssehub.cluster.Rates;
import dev.ssehub.cluster.Scope;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.limit.PublishRate;
import dev.ssehub.metrics.Limit;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** The clients that publish, or forget what was published: what they may do, and how often. Any thread may call. */
public final class Publishers {
    private final Access access;
    private final LimitSettings limits;
    private final PublishRate<String> rateOfTokens;
    private final Rates sharedRateOfTokens;
    private final PublishRate<ClientAddress> rateOfAddresses;
    private final LongSupplier nanoTime;
    private final String ruleOfTokens;
    private final String ruleOfAddresses;

    /**
     * @param rates the rates of tokens on all nodes together
     * @param nanoTime the clock of the rates on this node
     */
    public Publishers(Access access, LimitSettings limits, Rates rates, LongSupplier nanoTime) {
        this.access = access;
        this.limits = limits;
        this.rateOfTokens = new PublishRate<>(limits.publishesPerToken(), nanoTime);
        this.sharedRateOfTokens = limits.tokenScope() == Scope.CLUSTER ? rates : Rates.ALONE;
        this.rateOfAddresses = new PublishRate<>(limits.publishesPerAddress(), nanoTime);
        this.nanoTime = nanoTime;
        this.ruleOfTokens = "with a token, " + limits.publishesPerToken() + " events may be published per second"
                + (limits.tokenScope() == Scope.CLUSTER ? ", on all nodes together" : "");
        this.ruleOfAddresses = "without a token, an address may publish " + limits.publishesPerAddress() + " events per second";
    }

    /** Returns the address by which a client without a token is counted. */
    static ClientAddress address(ServerRequest request) {
        return HubConnection.client(request.headers()).network();
    }

    /** Returns the client. A request without a valid token counts towards the rate of its address. */
    Access.Client client(ServerRequest request, ClientAddress address) throws Refusal {
        Access.Client client;
        try {
            client = access.publisher(request);
        } catch (Refusal e) {
            countAddress(address, 1);
            throw e;
        }
        count(client, address, 1);
        return client;
    }

    /** Counts the events after the first one of a request, or refuses all of them. */
    void countFurther(Access.Client client, ClientAddress address, int further) throws Refusal {
        requireBurst(1 + further, client);
        count(client, address, further);
    }

    private void count(Access.Client client, ClientAddress address, int events) throws Refusal {
        if (client.token().isEmpty()) {
            countAddress(address, events);
            return;
        }
        requireNoWait(takeFromToken(client.token().get().fingerprint(), events), ruleOfTokens, Limit.PUBLISHES_PER_TOKEN);
    }

    private void countAddress(ClientAddress address, int events) throws Refusal {
        requireNoWait(rateOfAddresses.take(address, events), ruleOfAddresses, Limit.PUBLISHES_PER_ADDRESS);
    }

    /** Returns the time of the clock of the rates. */
    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** Counts an event and returns zero, or returns the time that the client must wait before its next event. */
    Duration take(Access.Client client, ClientAddress address) {
        return client.token().isPresent()
                ? takeFromToken(client.token().get().fingerprint(), 1)
                : rateOfAddresses.take(address, 1);
    }

    /** A client that is too fast for this node costs no round trip. */
    private Duration takeFromToken(String fingerprint, int events) {
        Duration wait = rateOfTokens.take(fingerprint, events);
        if (wait.isPositive()) {
            return wait;
        }
        Duration shared = sharedRateOfTokens.take(fingerprint, events, limits.publishesPerToken());
        if (shared.isPositive()) {
            rateOfTokens.giveBack(fingerprint, events);
        }
        return shared;
    }

    private static void requireNoWait(Duration wait, String rule, Limit limit) throws Refusal {
        if (wait.isPositive()) {
            throw Refusal.forNow(Status.TOO_MANY_REQUESTS_429, rule, limit, wait);
        }
    }

    /** Refuses a request with more events than the rate ever admits at once. */
    private void requireBurst(int events, Access.Client client) throws Refusal {
        boolean hasToken = client.token().isPresent();
        if (events > PublishRate.burst(hasToken ? limits.publishesPerToken() : limits.publishesPerAddress())) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413, (hasToken ? ruleOfTokens : ruleOfAddresses)
                    + ", and twice as many after a pause; this request has " + events,
                    hasToken ? Limit.PUBLISHES_PER_TOKEN : Limit.PUBLISHES_PER_ADDRESS);
        }
    }

    /** Refuses a client that may not publish to all of these topics. */
    static void requireGrant(Access.Client client, List<String> topics) throws Refusal {
        for (String topic : topics) {
            if (ReservedTopics.contains(topic)) {
                throw new Refusal(Status.FORBIDDEN_403, Mercure.PATH
                        + " and all topics below it belong to the hub, however they are written: only the hub publishes to them");
            }
        }
        client.requirePublish(topics);
    }
}
