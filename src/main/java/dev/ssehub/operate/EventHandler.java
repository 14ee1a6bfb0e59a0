package dev.ssehub.operate;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.history.History;
import dev.ssehub.http.Form;
import dev.ssehub.hub.EndedStreams;
import dev.ssehub.hub.Hub;
import io.helidon.json.JsonBoolean;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** Says what became of an event for each stream of this node whose topics it matches. Any thread may call. */
record EventHandler(Hub hub, StreamsHandler streams) {
    static final Set<String> FIELDS = Stream.concat(StreamQuery.FIELDS.stream(), Stream.of("outcome"))
            .collect(Collectors.toUnmodifiableSet());
    /** The order of streams with the same outcome if the query has none. */
    static final String ORDER = "age";

    /** A stream, and what became of the event for it. */
    private record Result(Listed stream, Outcome outcome) {}

    /** Returns the outcome that the query chooses, or nothing for all of them. */
    static Optional<Outcome> outcome(Form query) {
        return Optional.ofNullable(query.single("outcome")).map(Outcome::parse);
    }

    /** Judges the streams of this node, given the description of the event by a node that has found it. */
    JsonObject trace(Question question) {
        StreamQuery wanted = StreamQuery.of(question, ORDER);
        Optional<Outcome> only = outcome(question.form());
        Event described = event(question.about());
        Event held = hub.history().at(described.position());
        Event event = held == null ? described : held;
        boolean isLost = held == null && event.position() <= hub.history().newest(); // otherwise, it is still on its way to this node
        EndedStreams.Recent ended = hub.ended().recent();
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        Stream.of(Outcome.values()).forEach(outcome -> counts.put(outcome, 0));
        Page<Result> page = new Page<>(Comparator.comparing(Result::outcome).thenComparing(Result::stream, wanted.order()),
                wanted.offset(), wanted.limit());
        Stream.concat(streams.open(), ended.streams().stream().map(Listed::of))
                .filter(stream -> stream.status().selectors().matchesAny(event.topics())).filter(wanted.filter())
                .map(stream -> new Result(stream, Outcome.of(stream, event, !isLost))).forEach(result -> {
                    counts.merge(result.outcome(), 1, Integer::sum);
                    if (only.isEmpty() || only.get() == result.outcome()) {
                        page.add(result);
                    }
                });
        return JsonObject.builder().set("newest", hub.lastEventId()).set("held", held != null).set("matching", page.count())
                .set("counts", json -> counts.forEach((outcome, count) -> json.set(outcome.label(), count.intValue())))
                .set("endedSince", ended.since().toString())
                .setValues(Answers.ROWS, page.items().stream().map(result -> row(result, wanted)).toList()).build();
    }

    private JsonObject row(Result result, StreamQuery wanted) {
        return new Row(wanted.rank().apply(result.stream()),
                StreamJson.inList(result.stream(), streams.node()).set("outcome", result.outcome().label()).build()).toJson();
    }

    /**
     * Describes an event that the history holds or has held, or returns nothing if this node does not know it. The topics are empty if
     * they are not known any more and the query does not name one.
     */
    Optional<JsonObject> find(Question question) {
        History history = hub.history();
        AtomicReference<@Nullable Event> known = new AtomicReference<>();
        long position = history.find(question.id(), event -> {
            known.set(event);
            return true;
        });
        if (position == History.UNKNOWN) {
            return Optional.empty();
        }
        Event held = history.at(position);
        Event lost = known.get();
        List<String> topics = Optional.ofNullable(question.form().single("topic")).map(List::of).orElse(List.of());
        return Optional.of(held != null
                ? describe(held, true)
                : describe(lost == null ? event(position, topics, false) : lost, false));
    }

    private static JsonObject describe(Event event, boolean held) {
        return JsonObject.builder().set("id", event.id()).set("checkpoint", event.checkpoint())
                .set("published", Instant.ofEpochMilli(HubId.millis(event.position())).toString()).set("held", held)
                .setStrings("topics", event.topics())
                .set("private", held ? JsonBoolean.create(event.isPrivate()) : JsonNull.instance()).build();
    }

    /** Returns as much of the event as its description says. */
    private static Event event(JsonObject description) {
        List<String> topics = description.arrayValue("topics").stream().flatMap(all -> all.values().stream())
                .map(JsonValue::asString)
                .map(JsonString::value).toList();
        JsonValue isPrivate = description.value("private", JsonNull.instance());
        return event(HubId.parse(description.stringValue("checkpoint", "")), topics,
                isPrivate instanceof JsonBoolean known && known.value());
    }

    private static Event event(long position, List<String> topics, boolean isPrivate) {
        return new Event(position, null, 0, topics, isPrivate, false, new byte[0]);
    }
}
