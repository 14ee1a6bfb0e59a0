package dev.ssehub.operate;

import module java.base;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.EndedStreams;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.topic.TimeSlice;
import io.helidon.json.JsonObject;
import java.lang.System.Logger.Level;

/**
 * Lists the open streams of this node and those that have ended, and ends open ones. Any thread may call.
 *
 * @param node the name of this node
 */
record StreamsHandler(Hub hub, String node, InstantSource clock) {
    /** The order of the open streams if the query has none. */
    static final String ORDER = "-behind";
    /** The order of the streams that have ended if the query has none. */
    static final String ORDER_OF_ENDED = "-ended";

    private static final System.Logger LOG = System.getLogger(StreamsHandler.class.getName());

    /** Lists the open streams. */
    JsonObject list(Question question) {
        StreamQuery wanted = StreamQuery.of(question, ORDER);
        Page<Listed> page = wanted.page(open());
        return JsonObject.builder().set("newest", hub.lastEventId()).set("matching", page.count()).set("total", hub.subscribers())
                .setValues(Answers.ROWS, rows(page, wanted)).build();
    }

    /** Lists the streams that have ended. */
    JsonObject listEnded(Question question) {
        StreamQuery wanted = StreamQuery.of(question, ORDER_OF_ENDED);
        EndedStreams.Recent recent = hub.ended().recent();
        Page<Listed> page = wanted.page(recent.streams().stream().map(Listed::of));
        return JsonObject.builder().set("since", recent.since().toString()).set("matching", page.count())
                .set("total", recent.streams().size()).setValues(Answers.ROWS, rows(page, wanted)).build();
    }

    private List<JsonObject> rows(Page<Listed> page, StreamQuery wanted) {
        return page.items().stream()
                .map(stream -> new Row(wanted.rank().apply(stream), StreamJson.inList(stream, node).build()).toJson())
                .toList();
    }

    /**
     * Returns the open streams as they are now. A stream that opens or ends meanwhile may be missing. Takes no lock of the hub, and
     * pauses in between, so that other threads can run.
     */
    Stream<Listed> open() {
        Instant now = clock.instant();
        long delivered = hub.delivered();
        TimeSlice slice = new TimeSlice();
        return hub.streams().stream().map(subscriber -> {
            slice.pauseIfOver();
            return Listed.of(subscriber, now, delivered);
        });
    }

    /** Describes one stream with all its topics, open or ended. */
    Optional<JsonObject> describe(Question question) {
        Stream<Listed> all = Stream.concat(open(), hub.ended().recent().streams().stream().map(Listed::of));
        return all.filter(stream -> stream.id().equals(question.id())).findFirst()
                .map(stream -> StreamJson.whole(stream, node).build());
    }

    /** Ends one stream. */
    Optional<JsonObject> end(Question question) {
        return open().filter(stream -> stream.id().equals(question.id())).findFirst().flatMap(Listed::open)
                .map(subscriber -> end(List.of(subscriber), question.operator(), "the stream " + question.id()));
    }

    /** Ends all streams of a subject, or otherwise of a key. */
    JsonObject endAll(Question question) {
        Form query = question.form();
        String subject = query.single("subject");
        String key = String.valueOf(query.single("key"));
        List<Subscriber> subscribers = open()
                .filter(stream -> subject == null ? stream.hasKey(key) : subject.equals(stream.subject()))
                .flatMap(stream -> stream.open().stream()).toList();
        return end(subscribers, question.operator(),
                "the streams of the " + (subject == null ? "key " : "subject ")
                        + Refusal.printable(subject == null ? key : subject));
    }

    private static JsonObject end(List<Subscriber> subscribers, String operator, String what) {
        subscribers.forEach(subscriber -> subscriber.abort(DisconnectReason.OPERATOR));
        LOG.log(Level.INFO, operator + " has ended " + what + " (" + subscribers.size() + ")");
        return JsonObject.builder().set("ended", subscribers.size()).build();
    }
}
