package dev.ssehub.redis.stream;

import module java.base;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Where the stream stands after an exchange.
 *
 * @param begin the place before the first entry that the stream has ever had
 * @param trimmed the newest place that was removed because of a bound, or 0
 * @param count the number of the newest entry
 * @param millis the time of Redis, in epoch milliseconds
 * @param results what became of each item, in their order
 */
record Answer(long begin, long trimmed, long count, long millis, List<Result> results) {
    /** What became of an item. */
    sealed interface Result {}

    /** It is in the stream, at this place. */
    record Added(long place) implements Result {}

    /** Its id was published before. */
    record Repeated() implements Result {}

    /**
     * The item was sent before, in an exchange without an answer. That exchange has added it, or found that it is a
     * repetition.
     */
    record Settled() implements Result {}

    /** Reads what the script exchange.lua returns. */
    static Answer of(@Nullable Object returned) {
        List<String> values = ((List<?>) SafeEncoder.encodeObject(returned)).stream().map(String::valueOf).toList();
        return new Answer(Long.parseLong(values.get(0)), Long.parseLong(values.get(1)), Long.parseLong(values.get(2)),
                Long.parseLong(values.get(3)), values.stream().skip(4).map(Answer::result).toList());
    }

    private static Result result(String value) {
        return switch (value) {
            case "taken" -> new Settled();
            case "repeated" -> new Repeated();
            default -> new Added(Long.parseLong(value));
        };
    }
}
