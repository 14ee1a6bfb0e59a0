package dev.ssehub.mercure;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.auth.Token;
import dev.ssehub.http.Refusal;
import dev.ssehub.stream.EventStream;
import dev.ssehub.topic.TopicSelector;

import io.helidon.http.Status;

/**
 * The open streams that have a name, by which their clients can hand in a fresh token. Clients choose the names, long ones by
 * chance; of two streams with one name, which must be of one subject, the later one has it. Any thread may call.
 */
final class NamedStreams {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{16,64}");

    private final Map<String, Named> streams = new ConcurrentHashMap<>();

    /** A stream's name, and whose it is. */
    record Name(String text, String subject) {}

    private record Named(EventStream stream, List<TopicSelector> selectors, String subject) {}

    /**
     * What is allowed as a name.
     *
     * @throws IllegalArgumentException if this one is not
     */
    static @Nullable String requireText(@Nullable String name) {
        if (name != null && !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the field stream takes a name that nobody can guess, such as a UUID: 16 to 64 of A-Z, a-z, 0-9, _ and -");
        }
        return name;
    }

    /**
     * The name of a stream that has not begun yet.
     *
     * @throws Refusal if the client cannot have one
     */
    Name name(String text, Access.Client client) throws Refusal {
        Token token = client.token()
                .orElseThrow(
                        () -> Refusal.unauthorized("only a stream with a token has a name: it is for handing in a fresh one"));
        String subject = token.subject().orElseThrow(() -> new Refusal(Status.FORBIDDEN_403,
                "only a stream whose token says whose it is (sub) can have a name"));
        Named other = streams.get(text);
        if (other != null && !other.subject().equals(subject)) {
            throw new Refusal(Status.CONFLICT_409,
                    "somebody else has a stream of this name; it must be one that nobody can guess");
        }
        return new Name(text, subject);
    }

    /** Gives a stream its name; what is returned takes it away again. */
    Runnable add(Name name, EventStream stream, List<TopicSelector> selectors) {
        Named named = new Named(stream, selectors, name.subject());
        streams.merge(name.text(), named, (other, mine) -> other.subject().equals(mine.subject()) ? mine : other);
        return () -> streams.remove(name.text(), named);
    }

    /**
     * Has the stream go on with a fresh token of the same subject.
     *
     * @throws Refusal if there is no such stream, or the token does not cover it; then it goes on with the old one
     */
    void renew(String name, Access.Client client, Token token) throws Refusal {
        Named named = streams.get(name);
        if (named == null) {
            throw notFound();
        }
        if (!named.subject().equals(token.subject().orElse(null))) {
            throw new Refusal(Status.FORBIDDEN_403, "the token is not that of the one whose stream this is (sub)");
        }
        for (TopicSelector selector : named.selectors()) {
            if (!client.maySubscribe(selector)) {
                throw client.mayNot("subscribe to " + selector.text());
            }
        }
        if (!named.stream().renew(client.permission())) {
            throw notFound();
        }
    }

    private static Refusal notFound() {
        return new Refusal(Status.NOT_FOUND_404, "there is no open stream of this name, or it has ended");
    }
}
