package dev.ssehub.operate;

import module java.base;
import dev.ssehub.hub.EndedStreams;
import dev.ssehub.hub.Hub;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.topic.TimeSlice;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import java.lang.System.Logger.Level;

/** Lists the open streams and those that have ended, and ends open ones. Any thread may call. */
record StreamsHandler(Hub hub, InstantSource clock) {
    private static final System.Logger LOG = System.getLogger(StreamsHandler.class.getName());
    /** The fields of which exactly one says whose streams are ended. */
    private static final List<String> OWNERS = List.of("subject", "key");

    /** Lists the open streams. */
    JsonObject list(Form query) {
        query.allowOnly(StreamQuery.FIELDS);
        StreamQuery wanted = StreamQuery.parse(query, "-behind");
        Page<Listed> page = wanted.page(open());
        return document(wanted, page).set("total", hub.subscribers()).set("newest", hub.lastEventId())
                .setValues("streams", rows(page)).build();
    }

    /** Lists the streams that have ended. */
    JsonObject listEnded(Form query) {
        query.allowOnly(StreamQuery.FIELDS);
        StreamQuery wanted = StreamQuery.parse(query, "-ended");
        EndedStreams.Recent recent = hub.ended().recent();
        Page<Listed> page = wanted.page(recent.streams().stream().map(Listed::of));
        return document(wanted, page).set("total", recent.streams().size()).set("since", recent.since().toString())
                .setValues("streams", rows(page)).build();
    }

    private static List<JsonObject> rows(Page<Listed> page) {
        return page.items().stream().map(stream -> StreamJson.inList(stream).build()).toList();
    }

    private JsonObject.Builder document(StreamQuery wanted, Page<Listed> page) {
        return JsonObject.builder().set("time", clock.instant().toString()).set("matching", page.count())
                .set("offset", wanted.offset()).set("limit", wanted.limit());
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
    JsonObject describe(String id) throws Refusal {
        Stream<Listed> all = Stream.concat(open(), hub.ended().recent().streams().stream().map(Listed::of));
        return StreamJson.whole(all.filter(stream -> stream.status().opening().idText().equals(id)).findFirst()
                .orElseThrow(() -> unknown(id))).build();
    }

    private static Refusal unknown(String id) {
        return new Refusal(Status.NOT_FOUND_404, "there is no stream with the id " + Refusal.printable(id));
    }

    /** Ends one stream. */
    JsonObject end(String id, String operator) throws Refusal {
        Subscriber subscriber = open().filter(stream -> stream.status().opening().idText().equals(id)).findFirst()
                .flatMap(Listed::open).orElseThrow(() -> unknown(id));
        return end(List.of(subscriber), operator, "the stream " + id);
    }

    /** Ends all streams of a subject or of a key. */
    JsonObject endAll(Form query, String operator) {
        query.allowOnly(OWNERS);
        List<String> given = OWNERS.stream().filter(name -> query.single(name) != null).toList();
        if (given.size() != 1) {
            throw new IllegalArgumentException(
                    "the query must say whose streams to end: subject=SUBJECT or key=KEY, one of them");
        }
        String owner = given.getFirst();
        String value = Objects.requireNonNull(query.single(owner));
        List<Subscriber> subscribers = open()
                .filter(stream -> owner.equals("key") ? stream.hasKey(value) : value.equals(stream.subject()))
                .flatMap(stream -> stream.open().stream()).toList();
        return end(subscribers, operator, "the streams of the " + owner + " " + Refusal.printable(value));
    }

    private static JsonObject end(List<Subscriber> subscribers, String operator, String what) {
        subscribers.forEach(subscriber -> subscriber.abort(DisconnectReason.OPERATOR));
        LOG.log(Level.INFO, operator + " has ended " + what + " (" + subscribers.size() + ")");
        return JsonObject.builder().set("ended", subscribers.size()).build();
    }
}
