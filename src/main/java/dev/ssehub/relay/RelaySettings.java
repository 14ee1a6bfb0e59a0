package dev.ssehub.relay;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.cluster.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Which event stream a relay reads, and where it publishes the events.
 *
 * @param url the event stream; its query may have a secret
 * @param topic the topic of the events whose type has no topic of its own; empty to leave these events out
 * @param topics the topics by type; the type {@code message} stands for events without a type
 * @param headers the headers of each request; they may have secrets
 * @param headerFiles the files that hold further headers, by name; they are read again for each connection
 * @param isPrivate whether a subscriber needs a permission for the topic
 * @param idleTimeout how long the stream may be silent until the relay connects again
 * @param scope whether each node relays for its own subscribers, or one node for all
 */
public record RelaySettings(URI url, Optional<String> topic, Map<String, String> topics, Map<String, String> headers,
        Map<String, Path> headerFiles, boolean isPrivate, Duration idleTimeout, Scope scope, Limits limits) {
    private static final String NO_TYPE = "message";
    private static final int DIGITS = 8;

    /**
     * The limits for publishers, which also hold for a relay.
     *
     * @param maxSize the most bytes of an event's data
     * @param maxNameLength the most characters of an id or a type
     * @param perSecond the most events per second; after a pause, twice as many at once
     */
    public record Limits(int maxSize, int maxNameLength, int perSecond) {}

    /** Returns the URL without its query, for the log. */
    public String place() {
        return place(url);
    }

    /** Returns a URL without its query. */
    public static String place(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    }

    /** Returns a short text that stands for the URL: the beginning of its digest. */
    public String key() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(url.toString().getBytes(UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Returns what the ids of the relay's events begin with. The id of the upstream server follows. */
    String idPrefix() {
        return key() + ":";
    }

    /** Returns the topic of an event, or {@code null} to leave it out. */
    @Nullable
    String topicOf(@Nullable String type) {
        return topics.getOrDefault(type == null ? NO_TYPE : type, topic.orElse(null));
    }

    /** Returns every topic to which the relay may publish. */
    Set<String> allTopics() {
        Set<String> all = new HashSet<>(topics.values());
        topic.ifPresent(all::add);
        return all;
    }
}
