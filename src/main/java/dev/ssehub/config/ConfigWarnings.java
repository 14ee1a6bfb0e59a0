package dev.ssehub.config;

import module java.base;
import dev.ssehub.auth.Grant;
import dev.ssehub.history.Limits;
import dev.ssehub.relay.RelaySettings;

/** Finds settings that are allowed but probably not intended. */
final class ConfigWarnings {
    private static final String NO_KEY = "there is no key for tokens (sse-hub.auth.key, sse-hub.auth.key-file or sse-hub.auth.jwks)";
    private static final String TOKEN_IN_QUERY = "sse-hub.auth.token-in-query";
    private static final String ORIGINS = "sse-hub.cors.allowed-origins";
    private static final String HOSTS = "server.allowed-hosts";
    private static final String PROXIES = "sse-hub.limits.trusted-proxies";

    private static final String OTLP = "otlp.endpoint";
    private static final int GRPC = 4317;

    private ConfigWarnings() {}

    /** Returns a sentence for the log about each such setting. */
    static List<String> of(ConfigReader config, Grant anonymous, boolean takesTokens, Limits history,
            List<RelaySettings> relays) {
        List<String> warnings = new ArrayList<>();
        boolean noPublishers = anonymous.publish().isEmpty();
        boolean noSubscribers = anonymous.subscribe().isEmpty();
        if (!takesTokens && (noPublishers || noSubscribers)) {
            String nobody = noPublishers ? "nobody can subscribe or publish: " : "nobody can subscribe: ";
            warnings.add((noSubscribers ? nobody : "only the hub's own feeds can publish: ") + NO_KEY
                    + (noPublishers ? ", and sse-hub.publish.anonymous-topics is empty" : "")
                    + (noSubscribers ? ", and sse-hub.subscribe.anonymous is false" : "") + "; set one of these");
        }
        List<String> unused = Stream.of("sse-hub.auth.issuer", "sse-hub.auth.audience", TOKEN_IN_QUERY)
                .filter(key -> key.equals(TOKEN_IN_QUERY) ? config.bool(key) : config.isSet(key)).toList();
        if (!takesTokens && !unused.isEmpty()) {
            warnings.add(String.join(" and ", unused) + (unused.size() > 1 ? " have" : " has") + " no effect: " + NO_KEY);
        }
        if (config.bool("sse-hub.subscriptions.anonymous") && !config.bool("sse-hub.subscriptions.enabled")) {
            warnings.add("sse-hub.subscriptions.anonymous has no effect: sse-hub.subscriptions.enabled is false");
        }
        if (config.isSet("sse-hub.observe.host") && !config.isSet("sse-hub.observe.port")) {
            warnings.add("sse-hub.observe.host has no effect: sse-hub.observe.port is empty");
        }
        if (config.origins(ORIGINS).contains(Origins.ALL)) {
            warnings.add(ORIGINS + " is *: every page that a user of this hub opens may use the hub as everyone may, but without "
                    + "cookies; to change that, name the origins of your pages");
        }
        if (config.origins(ORIGINS).contains(Origins.NULL)) {
            warnings.add(ORIGINS + " has null, which is the origin of every local file and of every sandboxed frame: any of them "
                    + "may use this hub, with the cookies of its users; allow it for development only");
        }
        boolean open = !noPublishers || !noSubscribers;
        // a hub for this machine only is under development, or behind a proxy that can check the names itself
        if (config.hosts(HOSTS).isEmpty() && open && !Conversions.isLocal(config.text("server.host"))) {
            warnings.add(
                    HOSTS + " is empty: the owner of any site can point a name to the address of this hub, and its pages can then do "
                            + "everything that the hub allows without a token; list the names by which your users reach the hub");
        }
        if (config.addresses(PROXIES).stream().anyMatch(range -> range.bits() == 0)) {
            warnings.add(PROXIES + " is " + config.text(PROXIES)
                    + ", which is every address: each client can then choose its own "
                    + "address (X-Forwarded-For) and so evade the limits per address; name the addresses of your proxies");
        }
        if (config.optionalUrl(OTLP).filter(url -> url.getPort() == GRPC).isPresent()) {
            warnings.add(
                    OTLP + " has port " + GRPC + ", where receivers usually expect gRPC; the hub speaks OTLP over HTTP, which is "
                            + "usually on port 4318");
        }
        warnings.addAll(HistoryConfig.warnings(config, history, Runtime.getRuntime().maxMemory()));
        warnings.addAll(RedisConfig.warnings(config, history));
        warnings.addAll(RelayConfig.warnings(relays));
        return List.copyOf(warnings);
    }
}
