package dev.ssehub.topic;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import org.jspecify.annotations.Nullable;

/** The rules that topics, ids and event types share. */
public final class Names {
    private Names() {}

    /**
     * Checks that a name can be written to a stream, a header or a log.
     *
     * @param what the kind of name, for the message
     * @throws IllegalArgumentException if the name is empty or contains a control character
     */
    public static void require(String what, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the " + what + " must not be empty");
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new IllegalArgumentException("the " + what
                        + " must not contain control characters, found U+%04X at %d".formatted((int) name.charAt(i), i));
            }
        }
    }

    /** Returns the given name if it is not longer than a name may be. */
    public static @Nullable String requireShort(String what, @Nullable String name, int maxLength) {
        if (name != null && name.length() > maxLength) {
            throw new LimitExceededException(Limit.NAME_LENGTH, "the " + what + " may have up to " + maxLength
                    + " characters, this one has " + name.length());
        }
        return name;
    }
}
