package dev.ssehub.operate;

import module java.base;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;

/**
 * What an operator wants to know or do. Each node answers it for its own streams. The text can be sent to other nodes.
 *
 * @param about the id of a stream or of an event, or the description of an event; empty for a list
 * @param query the query of the operator
 * @param offset the number of streams to leave out; it can differ from that of the query
 * @param limit the most streams of the answer; it can differ from that of the query
 * @param operator the operator, for the log
 */
record Question(Kind kind, JsonObject about, String query, int offset, int limit, String operator) {
    enum Kind {
        LIST, LIST_ENDED, DESCRIBE, END, END_ALL, FIND, TRACE
    }

    /** Creates a question about one stream or event. */
    Question(Kind kind, String id, String query, String operator) {
        this(kind, JsonObject.builder().set("id", id).build(), query, 0, 0, operator);
    }

    /**
     * Reads the text of a question.
     *
     * @throws IllegalArgumentException if this node does not know such questions
     */
    static Question parse(String text) {
        JsonObject json = JsonParser.create(text).readJsonObject();
        String kind = json.stringValue("kind", "");
        return new Question(Stream.of(Kind.values()).filter(it -> it.name().equals(kind)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this version does not know the question '" + kind + "'")),
                json.objectValue("about", JsonObject.empty()), json.stringValue("query", ""), json.intValue("offset", 0),
                json.intValue("limit", 0), Refusal.printable(json.stringValue("operator", "")));
    }

    /** Returns the same question of another operator. */
    Question by(String other) {
        return new Question(kind, about, query, offset, limit, other);
    }

    String id() {
        return about.stringValue("id", "");
    }

    Form form() {
        return Form.parse(query);
    }

    @Override
    public String toString() {
        return JsonObject.builder().set("kind", kind.name()).set("about", about).set("query", query).set("offset", offset)
                .set("limit", limit).set("operator", operator).build().toString();
    }
}
