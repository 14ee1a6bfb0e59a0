package dev.ssehub.operate;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.history.History;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.EndedStreams;
import dev.ssehub.hub.Hub;
import io.helidon.http.Status;
import io.helidon.json.JsonBoolean;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Says what became of an event for each stream whose topics it matches. Any thread may call. */
record EventHandler(Hub hub, StreamsHandler streams) {
    private static final Set<String> FIELDS = Stream.concat(StreamQuery.FIELDS.stream(), Stream.of("outcome"))
            .collect(Collectors.toUnmodifiableSet());

    /**
     * An event that an operator asks for.
     *
     * @param held whether the history holds it; if not, only its position and its topics may be known
     */
    private record Asked(Event event, boolean held) {}

    /** A stream, and what became of the event for it. */
    private record Result(Listed stream, Outcome outcome) {}

    /** @throws Refusal if the event is not known */
    JsonObject trace(String id, Form query) throws Refusal {
        query.allowOnly(FIELDS);
        StreamQuery wanted = StreamQuery.parse(query, "age");
        Optional<Outcome> only = Optional.ofNullable(query.single("outcome")).map(Outcome::parse);
        Asked asked = find(id, query.single("topic"));
        EndedStreams.Recent ended = hub.ended().recent();
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        Stream.of(Outcome.values()).forEach(outcome -> counts.put(outcome, 0));
        Page<Result> page = new Page<>(Comparator.comparing(Result::outcome).thenComparing(Result::stream, wanted.order()),
                wanted.offset(), wanted.limit());
        Stream.concat(streams.open(), ended.streams().stream().map(Listed::of))
                .filter(stream -> stream.status().selectors().matchesAny(asked.event().topics())).filter(wanted.filter())
                .map(stream -> new Result(stream, Outcome.of(stream, asked.event(), asked.held()))).forEach(result -> {
                    counts.merge(result.outcome(), 1, Integer::sum);
                    if (only.isEmpty() || only.get() == result.outcome()) {
                        page.add(result);
                    }
                });
        return describe(asked)
                .set("counts", json -> counts.forEach((outcome, count) -> json.set(outcome.label(), count.intValue())))
                .set("endedSince", ended.since().toString()).set("matching", page.count()).set("offset", wanted.offset())
                .set("limit", wanted.limit()).setValues("streams", page.items().stream()
                        .map(result -> StreamJson.inList(result.stream()).set("outcome", result.outcome().label()).build())
                        .toList())
                .build();
    }

    private static JsonObject.Builder describe(Asked asked) {
        Event event = asked.event();
        return JsonObject.builder().set("id", event.id()).set("checkpoint", event.checkpoint())
                .set("published", Instant.ofEpochMilli(HubId.millis(event.position())).toString()).set("held", asked.held())
                .setStrings("topics", event.topics())
                .set("private", asked.held() ? JsonBoolean.create(event.isPrivate()) : JsonNull.instance());
    }

    /**
     * Finds the event.
     *
     * @param topic the topic of the event, in case that the history does not know it any more
     */
    private Asked find(String id, @Nullable String topic) throws Refusal {
        if (id.isEmpty()) {
            throw new IllegalArgumentException(Operate.NO_ID);
        }
        History history = hub.history();
        AtomicReference<@Nullable Event> known = new AtomicReference<>();
        long position = history.find(id, event -> {
            known.set(event);
            return true;
        });
        if (position == History.UNKNOWN) {
            throw notFound("no event with the id " + Refusal.printable(id) + " is known: it was never published, or the history "
                    + "has forgotten it, or several events have had this id");
        }
        Event held = history.at(position);
        if (held != null) {
            return new Asked(held, true);
        }
        Event lost = known.get();
        if (lost == null && topic == null) {
            throw notFound("the history does not hold an event with the id " + Refusal.printable(id) + ", so its topics are not "
                    + "known; with ?topic=NAME, the answer says which streams of this topic have passed its place");
        }
        return new Asked(lost == null ? new Event(position, null, 0, List.of(String.valueOf(topic)), false, new byte[0]) : lost,
                false);
    }

    private static Refusal notFound(String sentence) {
        return new Refusal(Status.NOT_FOUND_404, sentence);
    }
}
