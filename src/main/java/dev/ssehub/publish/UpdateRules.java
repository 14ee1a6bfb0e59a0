package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Mercure;
import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.topic.Names;
import org.jspecify.annotations.Nullable;

/** What an update may be made of (Mercure, "Publication"), however it was sent. Any thread may call. */
record UpdateRules(LimitSettings limits) {
    private static final Set<String> KNOWN = Set.of("topic", "data", "type", "id", "retry", "private", "end");
    // the names that other programs use, and mistakes; the type is called event in an event stream
    private static final Pattern LIKE_DATA = Pattern.compile("(data|message|payload|body|content|text)s?");
    private static final Pattern LIKE_TYPE = Pattern.compile("events?");
    private static final Map<String, Pattern> OTHERWISE_SPELLED = Stream.of("type", "retry", "private", "end")
            .collect(Collectors.toMap(name -> name, Pattern::compile));
    private static final Pattern RETRY = Pattern.compile("[0-9]{1,18}");

    /**
     * Returns the update that these fields describe.
     *
     * @throws IllegalArgumentException if they describe none; the message is a sentence that names the field
     */
    Update update(Form fields) {
        List<String> topics = Mercure.topics(fields);
        if (!KNOWN.containsAll(fields.names())) {
            fields.refuseLookalikes("data", LIKE_DATA, "data");
            fields.refuseLookalikes("data", LIKE_TYPE, "type"); // with data, it is one of the fields that Mercure ignores
            for (Map.Entry<String, Pattern> name : OTHERWISE_SPELLED.entrySet()) {
                fields.refuseLookalikes(name.getKey(), name.getValue(), name.getKey());
            }
        }
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("the field topic is missing: an event needs at least one topic");
        }
        if (!fields.has("data") && topics.stream().anyMatch(topic -> topic.contains(";data="))) {
            throw new IllegalArgumentException("the fields must be separated by &, not by ;");
        }
        topics.forEach(topic -> requireShort("topic", topic));
        String data = Objects.requireNonNullElse(fields.single("data"), "");
        String type = requireShort("type", fields.single("type"));
        String id = requireShort("id", fields.single("id"));
        Update update = new Update(topics, data, type, id, retryMillis(fields.single("retry")), fields.has("private"));
        return fields.has("end") ? update.ending() : update;
    }

    private @Nullable String requireShort(String field, @Nullable String value) {
        return Names.requireShort(field, value, limits.maxNameLength());
    }

    /** A publisher could send all readers of a topic away, so the time is limited. */
    private @Nullable Long retryMillis(@Nullable String retry) {
        if (retry == null) {
            return null;
        }
        long max = limits.maxRetry().toMillis();
        if (!RETRY.matcher(retry).matches()) {
            throw new IllegalArgumentException("the field retry must be a number of milliseconds from 0 to " + max);
        }
        if (Long.parseLong(retry) > max) {
            throw new IllegalArgumentException("the field retry may be up to " + max
                    + " milliseconds (sse-hub.publish.max-retry), not " + retry);
        }
        return Long.valueOf(retry);
    }
}
