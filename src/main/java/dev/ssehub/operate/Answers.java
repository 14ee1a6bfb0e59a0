package dev.ssehub.operate;

import module java.base;
import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.joining;

import io.helidon.json.JsonObject;
import io.helidon.json.JsonValue;

/**
 * The answers of the nodes to a question, and how they are combined into one.
 *
 * @param byNode the answers of the nodes that know the stream or the event
 * @param missing the nodes that have not answered, and why
 */
record Answers(SortedMap<String, JsonObject> byNode, SortedMap<String, String> missing) {
    /** The member of an answer with its streams, which are merged with those of the other nodes. */
    static final String ROWS = "rows";
    /** For a question that no node was asked. */
    static final Answers NONE = new Answers(Collections.emptySortedMap(), Collections.emptySortedMap());

    /** Adds the answers of other nodes. */
    Answers and(Answers others) {
        return new Answers(both(byNode, others.byNode), both(missing, others.missing));
    }

    private static <T> SortedMap<String, T> both(SortedMap<String, T> some, SortedMap<String, T> more) {
        SortedMap<String, T> both = new TreeMap<>(some);
        both.putAll(more);
        return both;
    }

    int sum(ToIntFunction<JsonObject> number) {
        return byNode.values().stream().mapToInt(number).sum();
    }

    int sum(String member) {
        return sum(answer -> answer.intValue(member, 0));
    }

    /** Returns the latest time of a member. */
    String latest(String member) {
        return byNode.values().stream().flatMap(answer -> answer.stringValue(member).stream()).map(Instant::parse)
                .max(Comparator.naturalOrder()).orElse(Instant.EPOCH).toString();
    }

    /** Returns a part of the list of all streams. It has the same order as the lists of the nodes. */
    List<JsonObject> streams(StreamQuery query, int offset) {
        return byNode.values().stream().flatMap(answer -> answer.arrayValue(ROWS).stream())
                .flatMap(rows -> rows.values().stream()).map(JsonValue::asObject).map(Row::parse)
                .sorted(comparingInt(Row::outcome).thenComparing(Row::rank, query.ranks()).thenComparing(Row::id))
                .skip(offset).limit(query.limit()).map(Row::stream).toList();
    }

    /** Adds a description of each node: its answer without the streams, or why it has not answered. */
    JsonObject.Builder addTo(JsonObject.Builder json) {
        return json.setValues("nodes", byNode.entrySet().stream().map(node -> JsonObject.builder().set("name", node.getKey())
                .from(node.getValue()).unset(ROWS).build()).toList())
                .setValues("missing", missing.entrySet().stream().map(node -> JsonObject.builder().set("name", node.getKey())
                        .set("reason", node.getValue()).build()).toList());
    }

    /** Returns the nodes that have not answered, as a part of a sentence. */
    String missingText() {
        return missing.entrySet().stream().map(node -> node.getKey() + " (" + node.getValue() + ")").collect(joining(", "));
    }
}
