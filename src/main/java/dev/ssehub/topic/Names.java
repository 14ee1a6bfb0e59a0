package dev.ssehub.topic;

/** What topics, ids and event types have in common as names. */
public final class Names {

    private Names() {}

    /**
     * Checks a name that will stand in a stream, a header or a log.
     *
     * @param what what the name is for, for the message
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
}
