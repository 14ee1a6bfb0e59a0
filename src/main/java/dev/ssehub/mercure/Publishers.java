package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.cluster.Rates;
import dev.ssehub.cluster.Scope;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.limit.PublishRate;
import dev.ssehub.metrics.Limit;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** The clients that publish, or forget what was published: what they may do, and how often. Any thread may call. */
final class Publishers {
    private final Access access;
    private final LimitSettings limits;
    private final PublishRate<String> rateOfTokens;
    private final Rates sharedRateOfTokens;
    private final PublishRate<ClientAddress> rateOfAddresses;

    /** @param rates the rates of tokens on all nodes together */
    Publishers(Access access, LimitSettings limits, Rates rates) {
        this.access = access;
        this.limits = limits;
        this.rateOfTokens = new PublishRate<>(limits.publishesPerToken());
        this.sharedRateOfTokens = limits.tokenScope() == Scope.CLUSTER ? rates : Rates.ALONE;
        this.rateOfAddresses = new PublishRate<>(limits.publishesPerAddress());
    }

    /** Returns the address by which a client without a token is counted. */
    static ClientAddress address(ServerRequest request) {
        return HubConnection.place().client(request.headers().values(HeaderNames.X_FORWARDED_FOR)).network();
    }

    /** Returns the client. A request without a valid token counts towards the rate of its address. */
    Access.Client client(ServerRequest request, ClientAddress address) throws Refusal {
        Access.Client client;
        try {
            client = access.publisher(request);
        } catch (Refusal e) {
            countAddress(address);
            throw e;
        }
        if (client.token().isEmpty()) {
            countAddress(address);
            return client;
        }
        Duration wait = rateOfTokens.take(client.token().get().fingerprint());
        if (wait.isZero()) { // a client that is too fast for this node costs no round trip
            wait = sharedRateOfTokens.take(client.token().get().fingerprint(), limits.publishesPerToken());
        }
        if (wait.isPositive()) {
            throw Refusal.forNow(Status.TOO_MANY_REQUESTS_429, "a token may be used to publish " + limits.publishesPerToken()
                    + " times per second" + (limits.tokenScope() == Scope.CLUSTER ? ", on all nodes together" : ""),
                    Limit.PUBLISHES_PER_TOKEN, wait);
        }
        return client;
    }

    private void countAddress(ClientAddress address) throws Refusal {
        Duration wait = rateOfAddresses.take(address);
        if (wait.isPositive()) {
            throw Refusal.forNow(Status.TOO_MANY_REQUESTS_429, "without a token, an address may publish "
                    + limits.publishesPerAddress() + " times per second", Limit.PUBLISHES_PER_ADDRESS, wait);
        }
    }

    /** Refuses a client that may not publish to all of these topics. */
    static void requireGrant(Access.Client client, List<String> topics) throws Refusal {
        if (topics.stream().anyMatch(ReservedTopics::contains)) {
            throw new Refusal(Status.FORBIDDEN_403, Mercure.PATH
                    + " and all topics below it belong to the hub, however they are written: only the hub publishes to them");
        }
        client.requirePublish(topics);
    }
}
