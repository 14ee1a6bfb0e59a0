package dev.ssehub.operate;

import module java.base;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.Peers;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Form;
import io.helidon.json.JsonException;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import java.lang.System.Logger.Level;

/** Asks this node and the others, and answers the questions of the others. Any thread may call. */
final class Nodes {
    private static final System.Logger LOG = System.getLogger(Nodes.class.getName());
    private static final String ANSWER = "answer";
    private static final String ERROR = "error";

    private final StreamsHandler streams;
    private final EventHandler events;
    private final String own;
    private final Peers peers;

    Nodes(StreamsHandler streams, EventHandler events, Cluster cluster) {
        this.streams = streams;
        this.events = events;
        this.own = cluster.node();
        this.peers = cluster.peers();
        peers.answerWith(this::replyTo);
    }

    /** Returns the name of this node. */
    String own() {
        return own;
    }

    /** Returns the names of all nodes. */
    SortedSet<String> all() {
        SortedSet<String> all = new TreeSet<>(peers.others());
        all.add(own);
        return all;
    }

    /** Returns the names of the nodes that the query chooses: all of them, or one. */
    SortedSet<String> chosen(Form query) {
        SortedSet<String> all = all();
        String only = query.single("node");
        return only == null ? all : new TreeSet<>(Set.of(StreamQuery.oneOf("node", only, all)));
    }

    /** Asks nodes. Blocks until they have answered, or for about two seconds. */
    Answers ask(Question question, Collection<String> names) {
        SortedMap<String, JsonObject> replies = new TreeMap<>();
        if (names.contains(own)) {
            replies.put(own, reply(question));
        }
        Peers.Replies others = askOthers(question, names.stream().filter(name -> !name.equals(own)).toList());
        others.byNode().forEach((node, text) -> replies.put(node, parse(text)));
        others.missing().forEach((node, why) -> replies.put(node, error(why)));
        return new Answers(valuesOf(replies, reply -> reply.objectValue(ANSWER)),
                valuesOf(replies, reply -> reply.stringValue(ERROR)));
    }

    private static <T> SortedMap<String, T> valuesOf(SortedMap<String, JsonObject> replies,
            Function<JsonObject, Optional<T>> member) {
        SortedMap<String, T> values = new TreeMap<>();
        replies.forEach((node, reply) -> member.apply(reply).ifPresent(value -> values.put(node, value)));
        return values;
    }

    private static JsonObject parse(String reply) {
        try {
            return JsonParser.create(reply).readJsonObject();
        } catch (JsonException e) {
            return error("its answer cannot be read: " + e.getMessage());
        }
    }

    private Peers.Replies askOthers(Question question, List<String> names) {
        String text = question.by(question.operator() + " on the node " + own).toString();
        if (text.length() <= Peers.MAX_TEXT) {
            return peers.ask(names, text);
        }
        SortedMap<String, String> missing = new TreeMap<>();
        names.forEach(name -> missing.put(name, "the topics of the event are too long to ask this node"));
        return new Peers.Replies(Collections.emptySortedMap(), missing);
    }

    private JsonObject reply(Question question) {
        try {
            return here(question).map(answer -> JsonObject.builder().set(ANSWER, answer).build()).orElse(JsonObject.empty());
        } catch (HistoryUnavailableException e) {
            return error(String.valueOf(e.getMessage()));
        }
    }

    private static JsonObject error(String sentence) {
        return JsonObject.builder().set(ERROR, sentence).build();
    }

    /** Answers for this node, or returns nothing if it does not know the stream or the event. */
    private Optional<JsonObject> here(Question question) {
        return switch (question.kind()) {
            case LIST -> Optional.of(streams.list(question));
            case LIST_ENDED -> Optional.of(streams.listEnded(question));
            case DESCRIBE -> streams.describe(question);
            case END -> streams.end(question);
            case END_ALL -> Optional.of(streams.endAll(question));
            case FIND -> events.find(question);
            case TRACE -> Optional.of(events.trace(question));
        };
    }

    /** Answers another node. */
    private String replyTo(String text) {
        JsonObject reply;
        try {
            reply = reply(Question.parse(text));
        } catch (IllegalArgumentException | JsonException e) {
            reply = error(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a question of another node could not be answered", e);
            reply = error("it has failed; its log says why");
        }
        String answer = reply.toString();
        return answer.length() <= Peers.MAX_TEXT
                ? answer
                : error("its answer is too long: " + answer.length() + " characters, not up to " + Peers.MAX_TEXT
                        + "; ask for fewer streams").toString();
    }
}
