package dev.ssehub.publish;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;

/**
 * Updates as JSON (RFC 8259): an object for each, whose members are the fields of a form. For what it refuses, it throws an
 * {@link IllegalArgumentException} whose message is a sentence. The time for parsing is proportional to the number of bytes.
 */
final class JsonBody {
    // The parser checks all values. But a text of data that is an array or an object is cut out of the body, without the spaces
    // between its tokens, so that its numbers stay as the publisher has written them.

    private static final int MAX_DEPTH = 100;
    private static final int MAX_NUMBER = 1_000;
    private static final int MAX_NAME = 200;
    /** Each member takes many times as much memory as its bytes in the body. */
    private static final int MAX_MEMBERS = 50;
    private static final JsonFactory JSON = new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(MAX_NUMBER)
                    .maxNameLength(MAX_NAME).maxStringLength(Integer.MAX_VALUE).build())
            .build();

    private final String text;
    private final int firstLine;
    /** Whether the text has escapes with the number of a character. Without them it has no half of a surrogate pair: UTF-8 has none. */
    private final boolean hasEscapes;
    private final JsonParser parser;

    private JsonBody(String text, int firstLine) {
        this.text = text;
        this.firstLine = firstLine;
        this.hasEscapes = text.contains("\\u");
        this.parser = JSON.createParser(ObjectReadContext.empty(), text);
    }

    /** Parses an object, or an array of objects. */
    static List<Update> parse(byte[] body, int maxEvents, Function<Form, Update> update) {
        List<Form> events = new ArrayList<>();
        new JsonBody(decode(body), 1).read(events, maxEvents, true);
        return updates(events, update);
    }

    /** Parses lines with an object each. Empty lines are ignored. */
    static List<Update> parseLines(byte[] body, int maxEvents, Function<Form, Update> update) {
        List<Form> events = new ArrayList<>();
        int number = 0;
        for (String line : decode(body).split("\n", -1)) {
            number++;
            if (!line.isBlank()) {
                new JsonBody(line, number).read(events, maxEvents, false);
            }
        }
        return updates(events, update);
    }

    private static String decode(byte[] body) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the body is not UTF-8", e);
        }
    }

    private static List<Update> updates(List<Form> events, Function<Form, Update> update) {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("the body has no event");
        }
        List<Update> updates = new ArrayList<>(events.size());
        for (Form event : events) {
            try {
                updates.add(update.apply(event));
            } catch (LimitExceededException e) {
                throw new LimitExceededException(e.limit(), place(updates.size(), events.size()) + e.getMessage());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(place(updates.size(), events.size()) + e.getMessage(), e);
            }
        }
        return updates;
    }

    /** Returns the beginning of a sentence about one of several events; empty if there is only one. */
    static String place(int before, int all) {
        return all == 1 ? "" : "event " + (before + 1) + " of " + all + ": ";
    }

    private void read(List<Form> events, int maxEvents, boolean mayBeArray) {
        try (parser) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IllegalArgumentException("the body is empty");
            }
            if (first == JsonToken.START_ARRAY && mayBeArray) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    add(events, maxEvents);
                }
            } else {
                add(events, maxEvents);
            }
            if (parser.nextToken() != null) {
                throw wrong(mayBeArray
                        ? "something follows the end"
                        : "something follows the event, although each line has only one (curl -d removes line breaks, and "
                                + "--data-binary keeps them)");
            }
        } catch (StreamConstraintsException e) {
            throw wrong(e, "values may be nested " + MAX_DEPTH + " times, numbers have " + MAX_NUMBER + " and names " + MAX_NAME
                    + " characters");
        } catch (UnexpectedEndOfInputException e) {
            throw wrong(e, "it ends too early");
        } catch (JacksonException e) {
            throw wrong(e, e.getOriginalMessage().startsWith("Duplicate")
                    ? "the name " + Refusal.printable(String.valueOf(parser.currentName())) + " is there twice"
                    : "it is not valid JSON");
        }
    }

    private void add(List<Form> events, int maxEvents) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw wrong("an event must be an object, such as {\"topic\": \"chat\", \"data\": \"Hello\"}");
        }
        if (events.size() == maxEvents) {
            throw new LimitExceededException(Limit.BATCH_SIZE, "a request may have up to " + maxEvents
                    + " events, this one has more");
        }
        Map<String, List<String>> fields = new LinkedHashMap<>();
        int members = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            List<String> values = values(name, parser.nextToken());
            if (++members > MAX_MEMBERS) {
                throw wrong("an event may have up to " + MAX_MEMBERS + " members");
            }
            if (!values.isEmpty()) {
                fields.put(name, values);
            }
        }
        events.add(Form.of(fields));
    }

    /** Returns the values of a member as a form would have them; none if the member counts as left out. */
    private List<String> values(String name, JsonToken token) {
        return switch (name) {
            case "topic" -> topics(token);
            case "data" -> data(token);
            case "id", "type" -> token == JsonToken.VALUE_NULL ? List.of() : List.of(string(name, token));
            case "retry" -> switch (token) {
                case VALUE_NULL -> List.of();
                case VALUE_NUMBER_INT -> List.of(parser.getString());
                default -> throw wrong("retry must be a number of milliseconds");
            };
            case "private", "end" -> switch (token) {
                case VALUE_NULL, VALUE_FALSE -> List.of();
                case VALUE_TRUE -> List.of("");
                default -> throw wrong(name + " must be true or false");
            };
            default -> {
                parser.skipChildren();
                yield List.of("");
            }
        };
    }

    private List<String> topics(JsonToken token) {
        if (token != JsonToken.START_ARRAY) {
            return List.of(string("topic", token));
        }
        List<String> topics = new ArrayList<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            if (topics.size() == Update.MAX_TOPICS) {
                throw wrong("an event may have up to " + Update.MAX_TOPICS + " topics");
            }
            topics.add(string("topic", next));
        }
        return topics;
    }

    private List<String> data(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> List.of(string("data", token));
            case START_OBJECT, START_ARRAY -> {
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                yield List.of(compact(text.substring(start, (int) parser.currentLocation().getCharOffset())));
            }
            default -> List.of(parser.getString());
        };
    }

    private String string(String name, JsonToken token) {
        if (token != JsonToken.VALUE_STRING) {
            throw wrong(name + " must be a string" + (name.equals("topic") ? ", or an array of strings" : ""));
        }
        String value = parser.getString();
        if (hasEscapes && hasLoneSurrogate(value)) {
            throw wrong(name + " has half of a surrogate pair, which is not a character");
        }
        return value;
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return !UTF_8.newEncoder().canEncode(text);
            }
        }
        return false;
    }

    /** Removes the spaces between the tokens of valid JSON. */
    private static String compact(String json) {
        StringBuilder compact = new StringBuilder(json.length());
        boolean inString = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (inString && c == '\\') {
                compact.append(c).append(json.charAt(++i));
            } else if (inString || c > ' ') {
                compact.append(c);
                inString ^= c == '"';
            }
        }
        return compact.toString();
    }

    private IllegalArgumentException wrong(String what) {
        return wrong(parser.currentTokenLocation(), what);
    }

    private IllegalArgumentException wrong(JacksonException cause, String what) {
        TokenStreamLocation where = cause.getLocation();
        return wrong(where == null ? parser.currentLocation() : where, what);
    }

    private IllegalArgumentException wrong(TokenStreamLocation where, String what) {
        return new IllegalArgumentException("the body cannot be read at line " + (firstLine + where.getLineNr() - 1) + ", column "
                + where.getColumnNr() + ": " + what);
    }
}
