package dev.ssehub.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.auth.Token;
import dev.ssehub.hub.TopicSelector;
import io.helidon.http.Status;

/**
 * The open streams that have a name, by which their clients can hand in a fresh token. Clients choose the names, long ones by
 * chance; of two streams of one name, the later one has it. Any thread may call.
 */
final class NamedStreams {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{16,64}");

    private final Map<String, Named> streams = new ConcurrentHashMap<>();

    private record Named(EventStream stream, List<TopicSelector> selectors, Optional<String> subject) {}

    /**
     * What is allowed as a name.
     *
     * @throws IllegalArgumentException
     *             if this one is not
     */
    static @Nullable String requireName(@Nullable String name) {
        if (name != null && !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the field stream takes a name that nobody can guess, such as a UUID: 16 to 64 of A-Z, a-z, 0-9, _ and -");
        }
        return name;
    }

    /** Gives a stream its name until it has ended. Called by the connection's own thread. */
    void add(String name, EventStream stream, List<TopicSelector> selectors, Optional<String> subject) {
        Named named = new Named(stream, selectors, subject);
        streams.put(name, named);
        stream.afterwards(() -> streams.remove(name, named));
    }

    /**
     * Has the stream go on with a fresh token of the same subject.
     *
     * @throws Refusal
     *             if there is no such stream, or the token does not cover it; then it goes on with the old one
     */
    void renew(String name, Access.Client client, Token token) throws Refusal {
        Named named = streams.get(name);
        if (named == null) {
            throw new Refusal(Status.NOT_FOUND_404, "there is no open stream of this name, or it has ended");
        }
        if (!named.subject().equals(token.subject())) {
            throw new Refusal(Status.FORBIDDEN_403, "the token is not that of the one whose stream this is (sub)");
        }
        for (TopicSelector selector : named.selectors()) {
            if (!client.grant().maySubscribe(selector)) {
                throw client.mayNot("subscribe to " + selector.text());
            }
        }
        named.stream().renew(client.permission());
    }
}
