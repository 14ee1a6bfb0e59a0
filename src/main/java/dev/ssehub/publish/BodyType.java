package dev.ssehub.publish;

import module java.base;
import dev.ssehub.http.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** The media types of a publish request. */
enum BodyType {
    FORM("application/x-www-form-urlencoded"),
    /** An object or an array of objects. */
    JSON("application/json"),
    /** An object in each line. */
    JSON_LINES("application/x-ndjson"),
    /** Events, each of which is published when it is complete. */
    EVENT_STREAM("text/event-stream");

    private static final String ALLOWED = Arrays.stream(values()).limit(values().length - 1L).map(it -> it.text)
            .collect(Collectors.joining(", ")) + " or " + values()[values().length - 1].text;
    private static final Set<String> CHARSETS = Set.of("utf-8", "utf8", "us-ascii");

    private final String text;

    BodyType(String text) {
        this.text = text;
    }

    /** Returns the type of the request's body. Accepts all parameters, as servers do, but no charset other than UTF-8 and ASCII. */
    static BodyType of(ServerRequest request) throws Refusal {
        String sent = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (sent.equals(FORM.text)) {
            return FORM; // as nearly all clients write it
        }
        String[] parts = sent.toLowerCase(Locale.ROOT).split(";");
        String name = parts.length > 0 ? parts[0].strip() : "";
        Optional<BodyType> type = Arrays.stream(values()).filter(it -> it.text.equals(name)).findFirst();
        if (type.isEmpty() || !isUtf8(parts)) {
            throw new Refusal(Status.UNSUPPORTED_MEDIA_TYPE_415, "the Content-Type must be " + ALLOWED + ", in UTF-8, "
                    + (sent.isEmpty() ? "but it is missing" : "not " + Refusal.printable(sent)));
        }
        return type.get();
    }

    private static boolean isUtf8(String[] parts) {
        return Arrays.stream(parts).skip(1).map(part -> part.split("=", 2))
                .filter(part -> part[0].strip().equals("charset"))
                .allMatch(part -> part.length == 2 && CHARSETS.contains(part[1].replace("\"", "").strip()));
    }
}
