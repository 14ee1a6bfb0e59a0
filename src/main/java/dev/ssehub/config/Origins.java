package dev.ssehub.config;

import module java.base;

/**
 * The origins of pages (RFC 6454) as browsers send them. The hub compares an origin with the header {@code Origin} character by
 * character. An origin that no browser sends would allow nothing.
 */
final class Origins {
    static final String ALL = "*";
    /** The origin of pages from files, of sandboxed frames and of some redirects. */
    static final String NULL = "null";

    private static final Pattern WEB = Pattern.compile("https?://([a-z0-9_.-]+|\\[[0-9a-f:]+])(:[1-9][0-9]{0,4})?");
    private static final Pattern APP = Pattern.compile("(capacitor|ionic|tauri)://[a-z0-9_.-]+|chrome-extension://[a-p]{32}"
            + "|(moz|safari-web)-extension://[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
    /** The URL of a web page, in any spelling: scheme, host, port, the rest. */
    private static final Pattern URL = Pattern.compile(
            "(?i)(https?)://([^/?#:@*\\[\\]\\s]+|\\[[0-9a-f:]+])(?::(\\d{0,5}))?([/?#].*)?");
    private static final String EXAMPLES = "origins such as https://example.com or http://localhost:3000, in lower case and "
            + "without a path, origins of apps and extensions such as capacitor://localhost, or * alone";

    private Origins() {}

    /** Returns whether browsers send each of these origins, or whether * is the only one. */
    static boolean areSent(List<String> origins) {
        return Set.copyOf(origins).equals(Set.of(ALL)) || origins.stream().allMatch(Origins::isSent);
    }

    /** Says what is allowed, and what to write instead of the first origin that no browser sends. */
    static String allowed(List<String> items) {
        return EXAMPLES + items.stream().filter(item -> !isSent(item))
                .flatMap(item -> canonical(item).map(origin -> "; browsers send " + origin + ", not " + item).stream())
                .findFirst()
                .orElse("");
    }

    private static boolean isSent(String origin) {
        return origin.equals(NULL) || APP.matcher(origin).matches() || canonical(origin).equals(Optional.of(origin));
    }

    /** Returns the origin of a web page's URL: lower case, IDNA, without the default port and the path. */
    private static Optional<String> canonical(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        String digits = Optional.ofNullable(matcher.group(3)).orElse("");
        int defaultPort = scheme.equals("https") ? 443 : 80;
        int port = digits.isEmpty() ? defaultPort : Integer.parseInt(digits);
        try {
            String origin = scheme + "://" + IDN.toASCII(matcher.group(2)).toLowerCase(Locale.ROOT)
                    + (port == defaultPort ? "" : ":" + port);
            return Optional.of(origin).filter(it -> port > 0 && port < 65_536 && WEB.matcher(it).matches());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
