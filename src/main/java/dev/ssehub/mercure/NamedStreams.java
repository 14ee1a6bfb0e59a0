package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.auth.Token;
import dev.ssehub.http.Refusal;
import dev.ssehub.stream.EventStream;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.Status;
import org.jspecify.annotations.Nullable;

/**
 * The open streams that have a name, which their clients use to renew the token. A client chooses a name that nobody can guess. If
 * a subject opens a second stream of the same name, the name moves to that stream. Any thread may call.
 */
final class NamedStreams {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{16,64}");

    private final Map<String, Named> streams = new ConcurrentHashMap<>();

    /** The name of a stream, and the subject of its token. */
    record Name(String text, String subject) {}

    private record Named(EventStream stream, List<TopicSelector> selectors, Optional<ActiveSubscriptions.Listing> listing,
            String subject) {}

    /** Returns the given name if it has the right length and characters. */
    static @Nullable String requireText(@Nullable String name) {
        if (name != null && !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the field streamName must be a name that nobody can guess, such as a UUID: "
                    + "16 to 64 characters of A-Z, a-z, 0-9, _ and -");
        }
        return name;
    }

    /** Returns the name for a new stream. Refuses a client whose token has no subject, and a name that another subject uses. */
    Name name(String text, Access.Client client) throws Refusal {
        Token token = client.token().orElseThrow(() -> Refusal
                .unauthorized("only a stream with a token can have a name: the name is used to renew the token"));
        String subject = token.subject().orElseThrow(() -> new Refusal(Status.FORBIDDEN_403,
                "only a stream whose token has a subject (sub) can have a name"));
        Named other = streams.get(text);
        if (other != null && !other.subject().equals(subject)) {
            throw new Refusal(Status.CONFLICT_409,
                    "another subject has a stream of this name; choose a name that nobody can guess");
        }
        return new Name(text, subject);
    }

    /** Adds a stream. The returned task removes it. */
    Runnable add(Name name, EventStream stream, List<TopicSelector> selectors, Optional<ActiveSubscriptions.Listing> listing) {
        Named named = new Named(stream, selectors, listing, name.subject());
        streams.merge(name.text(), named, (other, mine) -> other.subject().equals(mine.subject()) ? mine : other);
        return () -> streams.remove(name.text(), named);
    }

    /** Gives a stream the permission of a fresh token of the same subject. If this is refused, the stream keeps its permission. */
    void renew(String name, Access.Client client, Token token) throws Refusal {
        Named named = streams.get(name);
        if (named == null) {
            throw notFound();
        }
        if (!named.subject().equals(token.subject().orElse(null))) {
            throw new Refusal(Status.FORBIDDEN_403, "the token has another subject (sub) than the stream");
        }
        client.requireSubscribe(named.selectors());
        Optional<String> payload = named.listing().isPresent() ? client.payload() : Optional.empty();
        if (!named.stream().renew(client.permission())) {
            throw notFound();
        }
        named.listing().ifPresent(listing -> listing.renew(payload));
    }

    private static Refusal notFound() {
        return new Refusal(Status.NOT_FOUND_404, "no stream of this name is open");
    }
}
