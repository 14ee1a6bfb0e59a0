package dev.ssehub.event;

import org.jspecify.annotations.Nullable;

/**
 * Says in the stream, at the place where they are missing, that events between two ids are no longer held.
 *
 * @param id stands for the place after what is missing: a client that has been told so need not be told again
 * @param requested the last id that the subscriber has, {@code null} if it has none
 * @param oldest an id that stands for the oldest event that is left, {@code null} if none is
 * @param newest an id that stands for the newest event that is left
 */
public record Gap(String id, @Nullable String requested, @Nullable String oldest, @Nullable String newest) {

    static final String TYPE = "gap";

    /** An event of type {@code gap}. */
    public byte[] frame() {
        return EventEncoder.event(id, TYPE,
                "{\"requested\":" + json(requested) + ",\"oldest\":" + json(oldest) + ",\"newest\":" + json(newest) + "}");
    }

    /** RFC 8259, section 7. The core has no JSON library, and an id is the only text that it ever puts into JSON. */
    private static String json(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
