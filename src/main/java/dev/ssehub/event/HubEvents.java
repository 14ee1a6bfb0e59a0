package dev.ssehub.event;

import module java.base;
import static java.util.stream.Collectors.joining;

import dev.ssehub.metrics.DisconnectReason;
import org.jspecify.annotations.Nullable;

/** The hub's own events about a stream: their types and frames. */
public final class HubEvents {
    /** The type of the event that tells the client which events it has missed. */
    public static final String GAP = "gap";
    /** The type of the last event of a stream whose token has expired. */
    public static final String EXPIRED = "expired";
    /** The type of the event that the client receives instead of a stream while the hub is overloaded. */
    public static final String OVERLOAD = "overload";

    /** The types that publishers cannot use. */
    public static final List<String> TYPES = List.of(GAP, EXPIRED, OVERLOAD);

    private HubEvents() {}

    /**
     * A range of events that a subscriber needs and that the history no longer holds. The oldest and the newest are checkpoints
     * of events that it holds, or {@code null} if it is empty.
     *
     * @param id the id of the place after the missing events; a client that resumes from it does not receive the gap again
     * @param requested the last id that the subscriber has, or {@code null}
     */
    public record Gap(String id, @Nullable String requested, @Nullable String oldest, @Nullable String newest) {
        /** Returns the event of type {@code gap}. */
        public byte[] frame() {
            return EventEncoder.event(id, GAP,
                    "{\"requested\":" + json(requested) + ",\"oldest\":" + json(oldest) + ",\"newest\":" + json(newest) + "}");
        }
    }

    /**
     * Returns the last frame of a stream that ends for this reason, if the client must know the reason.
     *
     * @param retryMillis the reconnection time of the client if the hub stops; {@code null} to leave it unchanged
     * @param checkpoint the place up to which the client has everything
     * @param checkpoints whether the client understands blocks without data
     */
    public static Optional<byte[]> finalFrame(@Nullable DisconnectReason reason, @Nullable Long retryMillis,
            String checkpoint, boolean checkpoints) {
        return switch (reason) {
            case CAUGHT_UP -> Optional.of(EventEncoder.comment("end", checkpoints));
            // a client that comes back with this id has nothing to receive, whatever the ids of its events are
            case ENDED -> Optional.of(EventEncoder.comment(null, checkpoints ? checkpoint : null, "end", checkpoints));
            case EXPIRED -> Optional.of(EventEncoder.event(null, EXPIRED,
                    "{\"message\":\"the token has expired; a fresh one is needed to go on\"}"));
            case OPERATOR -> Optional.of(EventEncoder.comment("an operator has ended this stream", checkpoints));
            case SHUTDOWN -> Optional.ofNullable(retryMillis)
                    .map(millis -> EventEncoder.comment(millis, null, "restart", checkpoints));
            case null, default -> Optional.empty();
        };
    }

    /** Returns the event of type {@code overload} with the reason in plain text. It also sets the client's reconnection time. */
    public static byte[] overload(String message, long retryMillis) {
        return EventEncoder.fields(OVERLOAD, retryMillis, "{\"message\":" + json(message) + ",\"retry\":" + retryMillis + "}");
    }

    /** Quotes a text for JSON (RFC 8259, section 7). The core does not depend on a JSON library. */
    private static String json(@Nullable String text) {
        return text == null ? "null" : text.chars().mapToObj(HubEvents::jsonCharacter).collect(joining("", "\"", "\""));
    }

    private static String jsonCharacter(int c) {
        return c == '"' || c == '\\' ? "\\" + (char) c : c < ' ' ? "\\u%04x".formatted(c) : String.valueOf((char) c);
    }
}
