package dev.ssehub.mercure;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;

/** The names that the Mercure protocol defines. */
public final class Mercure {
    /** The path where clients of the protocol look for a hub. */
    public static final String PATH = "/.well-known/mercure";
    /** The path of the active subscriptions (Mercure, "Subscription API"). */
    public static final String SUBSCRIPTIONS = PATH + "/subscriptions";
    /** Names the path of the hub (Mercure, "Discovery"). */
    public static final Header LINK = HeaderValues.createCached(HeaderNames.LINK, "<" + PATH + ">; rel=\"mercure\"");

    /** The heartbeat interval in seconds. A client that receives nothing for longer can treat the connection as dead. */
    static final HeaderName HEARTBEAT_INTERVAL = HeaderNames.create("Heartbeat-Interval");
    /** The cookie that holds a token. */
    static final String COOKIE = "mercureAuthorization";

    private Mercure() {}
}
