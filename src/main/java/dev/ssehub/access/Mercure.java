package dev.ssehub.access;

import module java.base;
import dev.ssehub.http.Form;
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
    public static final HeaderName HEARTBEAT_INTERVAL = HeaderNames.create("Heartbeat-Interval");
    /** The cookie that holds a token. */
    static final String COOKIE = "mercureAuthorization";

    /** Mistakes for {@code topic}. Mercure 1.0 subscribes by {@code match} and by names that begin with it. */
    private static final Pattern LIKE_TOPIC = Pattern.compile("topics?|channels?|match.*");

    private Mercure() {}

    /** Returns the topics that a form or a query names. Refuses a form without any that has a field that was probably meant. */
    public static List<String> topics(Form form) {
        form.refuseLookalikes("topic", LIKE_TOPIC, "topic");
        return form.all("topic");
    }
}
