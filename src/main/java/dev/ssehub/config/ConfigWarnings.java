package dev.ssehub.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.ssehub.auth.Grant;

/** What is allowed, but hardly meant. */
final class ConfigWarnings {

    private static final String NO_KEY = "there is no key for tokens (sse-hub.auth.key, sse-hub.auth.key-file or sse-hub.auth.jwks)";

    private static final String PROXIES = "sse-hub.limits.trusted-proxies";

    private ConfigWarnings() {}

    /**
     * A sentence for each, for the log.
     *
     * @param anonymous what everyone may do
     * @param takesTokens whether there is a key for tokens
     */
    static List<String> of(ConfigReader config, Grant anonymous, boolean takesTokens) {
        List<String> doubts = new ArrayList<>();
        if (!takesTokens) {
            addClosed(doubts, anonymous);
            List<String> idle = new ArrayList<>(List.of("sse-hub.auth.issuer", "sse-hub.auth.audience"));
            idle.removeIf(key -> config.optional(key).isEmpty());
            if (config.bool("sse-hub.auth.token-in-query")) {
                idle.add("sse-hub.auth.token-in-query");
            }
            if (!idle.isEmpty()) {
                doubts.add(String.join(" and ", idle) + " without effect: " + NO_KEY);
            }
        }
        if (config.bool("sse-hub.subscriptions.anonymous") && !config.bool("sse-hub.subscriptions.enabled")) {
            doubts.add("sse-hub.subscriptions.anonymous without effect: sse-hub.subscriptions.enabled is false");
        }
        if (config.origins("sse-hub.cors.allowed-origins").equals(Set.of("*"))) {
            doubts.add("sse-hub.cors.allowed-origins is *: any page that somebody opens who reaches this hub may do there what "
                    + "everyone may, but use no cookie; name the origins of your pages to change that");
        }
        if (config.addresses(PROXIES).stream().anyMatch(range -> range.bits() == 0)) {
            doubts.add(PROXIES + " is " + config.text(PROXIES) + ", which is everybody: every client may then choose its own "
                    + "address (X-Forwarded-For), and no limit for one address holds; name those of your proxies");
        }
        return List.copyOf(doubts);
    }

    private static void addClosed(List<String> doubts, Grant anonymous) {
        boolean publish = anonymous.publish().isEmpty();
        boolean subscribe = anonymous.subscribe().isEmpty();
        if (publish || subscribe) {
            doubts.add((subscribe
                    ? publish ? "nobody can subscribe or publish: " : "nobody can subscribe: "
                    : "nobody but the hub's own feeds can publish: ") + NO_KEY
                    + (publish ? ", and sse-hub.publish.anonymous-topics is empty" : "")
                    + (subscribe ? ", and sse-hub.subscribe.anonymous is false" : "") + "; set one of these");
        }
    }
}
