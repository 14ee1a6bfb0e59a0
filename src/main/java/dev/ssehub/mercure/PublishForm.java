package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import org.jspecify.annotations.Nullable;

/** The form of a publish request (Mercure, "Publication"). */
final class PublishForm {

    private static final Pattern RETRY = Pattern.compile("[0-9]{1,8}");
    private static final Set<String> FIELDS = Set.of("topic", "data", "type", "id", "retry", "private");

    private PublishForm() {}

    /**
     * Returns the update that the form describes.
     *
     * @throws IllegalArgumentException if a field is missing or invalid; the message says which
     */
    static Update parse(Form form, int maxNameLength) {
        form.refuseLookalikes(FIELDS);
        List<String> topics = form.all("topic");
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("the field topic is missing: an update needs at least one topic");
        }
        topics.forEach(topic -> requireShort("topic", topic, maxNameLength));
        String data = form.single("data");
        return new Update(topics, data == null ? "" : data, requireShort("type", form.single("type"), maxNameLength),
                requireShort("id", form.single("id"), maxNameLength), retry(form.single("retry")),
                !form.all("private").isEmpty());
    }

    /** Returns the given value if it is not longer than a name may be. */
    static @Nullable String requireShort(String field, @Nullable String value, int maxNameLength) {
        if (value != null && value.length() > maxNameLength) {
            throw new LimitExceededException(Limit.NAME_LENGTH, "the " + field + " may have up to " + maxNameLength
                    + " characters, this one has " + value.length());
        }
        return value;
    }

    private static @Nullable Long retry(@Nullable String text) {
        if (text != null && !RETRY.matcher(text).matches()) {
            throw new IllegalArgumentException("the field retry must be a number of milliseconds of 1 to 8 digits");
        }
        return text == null ? null : Long.valueOf(text);
    }
}
