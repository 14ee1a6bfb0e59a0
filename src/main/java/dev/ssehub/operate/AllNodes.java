package dev.ssehub.operate;

import module java.base;
import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import dev.ssehub.event.HubId;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.operate.Question.Kind;
import io.helidon.http.Status;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;

/**
 * Answers operators: asks each node about its own streams, and combines the answers into one. Any thread may call.
 *
 * @param clock tells the time of an answer
 */
record AllNodes(Nodes nodes, InstantSource clock) {
    /** A query must have exactly one of these fields, which says whose streams to end. */
    private static final List<String> OWNERS = List.of("subject", "key");

    /** A part of a list of streams, of several nodes or of one. */
    private record Listing(StreamQuery query, Answers answers, int skipped) {
        JsonObject.Builder addNumbers(JsonObject.Builder json) {
            return json.set("matching", answers.sum("matching")).set("offset", query.offset()).set("limit", query.limit());
        }

        JsonObject addStreams(JsonObject.Builder json) {
            return answers.addTo(json).setValues("streams", answers.streams(query, skipped)).build();
        }
    }

    /**
     * Asks for the part of a list that the query chooses. If there are several nodes, each gives all streams that can
     * be in it.
     */
    private Listing listing(Kind kind, JsonObject about, StreamQuery query, String text, Collection<String> names) {
        boolean isOne = names.size() == 1;
        StreamQuery asked = isOne ? query : query.fromBeginning();
        Answers answers = nodes.ask(new Question(kind, about, text, asked.offset(), asked.limit(), ""), names);
        return new Listing(query, answers, isOne ? 0 : query.offset());
    }

    private Listing listing(Kind kind, String text, String usualOrder) {
        Form form = Form.parse(text);
        form.allowOnly(StreamQuery.FIELDS);
        return listing(kind, JsonObject.empty(), StreamQuery.parse(form, usualOrder), text, nodes.chosen(form));
    }

    private JsonObject.Builder now() {
        return JsonObject.builder().set("time", clock.instant().toString());
    }

    /** Lists the open streams. */
    JsonObject list(String query) {
        Listing listing = listing(Kind.LIST, query, StreamsHandler.ORDER);
        Optional<String> newest = listing.answers().byNode().values().stream()
                .flatMap(node -> node.stringValue("newest").stream())
                .max(comparingLong(HubId::parse));
        return listing.addStreams(listing.addNumbers(now()).set("total", listing.answers().sum("total"))
                .set("newest", newest.isPresent() ? JsonString.create(newest.get()) : JsonNull.instance()));
    }

    /** Lists the streams that have ended. */
    JsonObject listEnded(String query) {
        Listing listing = listing(Kind.LIST_ENDED, query, StreamsHandler.ORDER_OF_ENDED);
        return listing.addStreams(listing.addNumbers(now()).set("total", listing.answers().sum("total"))
                .set("since", listing.answers().latest("since")));
    }

    /** Describes one stream, open or ended. */
    JsonObject describe(String id) throws Refusal {
        Answers found = first(new Question(Kind.DESCRIBE, id, "", ""), nodes.all(), _ -> true);
        return found.byNode().values().stream().findFirst().orElseThrow(() -> unknownStream(id, found));
    }

    /** Ends one stream. */
    JsonObject end(String id, String operator) throws Refusal {
        Answers ended = first(new Question(Kind.END, id, "", operator), nodes.all(), _ -> true);
        if (ended.byNode().isEmpty()) {
            throw unknownStream(id, ended);
        }
        return ended(ended);
    }

    /** Ends all streams of a subject or of a key. */
    JsonObject endAll(String query, String operator) {
        Form form = Form.parse(query);
        form.allowOnly(Stream.concat(OWNERS.stream(), Stream.of("node")).toList());
        if (OWNERS.stream().filter(name -> form.single(name) != null).count() != 1) {
            throw new IllegalArgumentException(
                    "the query must say whose streams to end: subject=SUBJECT or key=KEY, one of them");
        }
        return ended(nodes.ask(new Question(Kind.END_ALL, "", query, operator), nodes.chosen(form)));
    }

    private static JsonObject ended(Answers answers) {
        return answers.addTo(JsonObject.builder().set("ended", answers.sum("ended"))).build();
    }

    /** Says for each stream with a topic of the event whether the stream has got the event, and if not, why. */
    JsonObject trace(String id, String query) throws Refusal {
        Form form = Form.parse(query);
        form.allowOnly(EventHandler.FIELDS);
        StreamQuery wanted = StreamQuery.parse(form, EventHandler.ORDER);
        EventHandler.outcome(form);
        SortedSet<String> names = nodes.chosen(form);
        Answers found = first(new Question(Kind.FIND, id, query, ""), names, AllNodes::isHeld);
        Map.Entry<String, JsonObject> best = found.byNode().entrySet().stream()
                .max(comparing((Map.Entry<String, JsonObject> node) -> isHeld(node.getValue()))
                        .thenComparing(node -> hasTopics(node.getValue())))
                .orElseThrow(
                        () -> notFound("no event with the id " + Refusal.printable(id) + " is known: it was never published, "
                                + "or the history has forgotten it, or several events have had this id", found));
        JsonObject event = best.getValue();
        if (!hasTopics(event)) {
            throw notFound("the history does not hold an event with the id " + Refusal.printable(id) + ", so its topics are not "
                    + "known; with ?topic=NAME, the answer says which streams of this topic have passed its place", found);
        }
        boolean isShared = HubId.isShared(HubId.parse(event.stringValue("checkpoint", "")));
        Listing listing = listing(Kind.TRACE, event, wanted, query, isShared ? names : Set.of(best.getKey()));
        Answers answers = listing.answers();
        return listing.addStreams(listing.addNumbers(JsonObject.builder().from(event)
                .set("counts", json -> Stream.of(Outcome.values()).map(Outcome::label).forEach(label -> json.set(label,
                        answers.sum(node -> node.objectValue("counts", JsonObject.empty()).intValue(label, 0)))))
                .set("endedSince", answers.latest("endedSince"))));
    }

    private static boolean isHeld(JsonObject event) {
        return event.booleanValue("held", false);
    }

    private static boolean hasTopics(JsonObject event) {
        return event.arrayValue("topics").map(topics -> topics.size() > 0).orElse(false);
    }

    /** Asks the other nodes only if this one does not know enough. */
    private Answers first(Question question, Collection<String> names, Predicate<JsonObject> isEnough) {
        Collection<String> others = new TreeSet<>(names);
        Answers here = others.remove(nodes.own()) ? nodes.ask(question, Set.of(nodes.own())) : Answers.NONE;
        return here.byNode().values().stream().anyMatch(isEnough) ? here : here.and(nodes.ask(question, others));
    }

    private static Refusal unknownStream(String id, Answers answers) {
        return notFound("there is no stream with the id " + Refusal.printable(id), answers);
    }

    /** A node that has not answered may know more. */
    private static Refusal notFound(String sentence, Answers answers) {
        return answers.missing().isEmpty()
                ? new Refusal(Status.NOT_FOUND_404, sentence)
                : new Refusal(Status.SERVICE_UNAVAILABLE_503, sentence + "; no answer from " + answers.missingText());
    }
}
