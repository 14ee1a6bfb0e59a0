package dev.ssehub.operate;

import module java.base;
import io.helidon.json.JsonObject;

/**
 * A stream in the answer of a node, and what decides about its place in the list.
 *
 * @param rank what the list is sorted by, see {@link StreamQuery}
 */
record Row(String rank, JsonObject stream) {
    static Row parse(JsonObject json) {
        return new Row(json.stringValue("rank", ""), json.objectValue("stream", JsonObject.empty()));
    }

    JsonObject toJson() {
        return JsonObject.builder().set("rank", rank).set("stream", stream).build();
    }

    String id() {
        return stream.stringValue("id", "");
    }

    /** Returns the place of its outcome among the others. It is the same for all streams of a list without outcomes. */
    int outcome() {
        return Outcome.place(stream.stringValue("outcome", ""));
    }
}
