package dev.ssehub.publish;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.server.TestSettings;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The same events give the same frames, whatever the body is: a form, JSON, lines of JSON, or an event stream. */
class SameFramesTest {
    private static final UpdateRules RULES = new UpdateRules(new TestSettings().build().limits());
    private static final List<String> TOPICS = List.of("a b", "run/é");

    /** @param data without a carriage return, because an event stream has no other way to end a line */
    record Sent(String data, Optional<String> type, Optional<String> id, Optional<Integer> retry) {}

    @Provide
    Arbitrary<List<Sent>> events() {
        Arbitrary<String> data = Arbitraries.strings().withCharRange(' ', 'ÿ')
                .withChars(':', '"', '\\', '\n', ' ', '&', '%', '+', '€')
                .ofMaxLength(30);
        Arbitrary<String> name = Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(8)
                .map(text -> "n" + text);
        return Combinators.combine(data, name.optional(), name.optional(), Arbitraries.integers().between(0, 60_000).optional())
                .as(Sent::new).list().ofMinSize(1).ofMaxSize(6);
    }

    @Property(tries = 300)
    void giveTheSameFrames(@ForAll("events") List<Sent> events, @ForAll int seed) {
        List<String> expected = events.stream().map(event -> text(RULES.update(Form.parse(form(event))))).toList();
        assertThat(texts(JsonBody.parse(("[" + String.join(", ", events.stream().map(SameFramesTest::json).toList()) + "]")
                .getBytes(UTF_8), 100, RULES::update))).isEqualTo(expected);
        assertThat(texts(JsonBody.parseLines(String.join("\n", events.stream().map(SameFramesTest::json).toList())
                .getBytes(UTF_8), 100, RULES::update))).isEqualTo(expected);
        assertThat(streamed(events, new Random(seed))).isEqualTo(expected);
    }

    private static List<String> streamed(List<Sent> events, Random random) {
        List<String> frames = new ArrayList<>();
        Form all = Form.of(Map.of("topic", TOPICS));
        EventStreamParser parser = new EventStreamParser(10_000, fields -> frames.add(text(RULES.update(all.with(fields)))));
        byte[] bytes = events.stream().map(event -> stream(event, random)).collect(Collectors.joining()).getBytes(UTF_8);
        for (int at = 0; at < bytes.length;) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(20)));
            parser.take(piece, piece.length);
            at += piece.length;
        }
        parser.end();
        return frames;
    }

    private static String stream(Sent event, Random random) {
        String end = List.of("\n", "\r", "\r\n").get(random.nextInt(3));
        StringBuilder text = new StringBuilder(random.nextBoolean() ? ": comment" + end : "");
        event.id().ifPresent(id -> text.append("id: ").append(id).append(end));
        for (String line : event.data().split("\n", -1)) {
            text.append("data: ").append(line).append(end);
        }
        event.type().ifPresent(type -> text.append("event:").append(type).append(end));
        event.retry().ifPresent(retry -> text.append("retry: ").append(retry).append(end));
        return text.append(end).toString();
    }

    private static String json(Sent event) {
        return "{\"topic\": [" + TOPICS.stream().map(SameFramesTest::quoted).collect(Collectors.joining(", ")) + "], \"data\": "
                + quoted(event.data()) + event.type().map(type -> ", \"type\": " + quoted(type)).orElse("")
                + event.id().map(id -> ", \"id\": " + quoted(id)).orElse("")
                + event.retry().map(retry -> ", \"retry\": " + retry).orElse("") + "}";
    }

    private static String quoted(String text) {
        return "\"" + text.chars().mapToObj(c -> c < ' ' || c == '"' || c == '\\' ? "\\u%04x".formatted(c) : "" + (char) c)
                .collect(Collectors.joining()) + "\"";
    }

    private static byte[] form(Sent event) {
        StringBuilder form = new StringBuilder("data=" + URLEncoder.encode(event.data(), UTF_8));
        TOPICS.forEach(topic -> form.append("&topic=").append(URLEncoder.encode(topic, UTF_8)));
        event.type().ifPresent(type -> form.append("&type=").append(URLEncoder.encode(type, UTF_8)));
        event.id().ifPresent(id -> form.append("&id=").append(URLEncoder.encode(id, UTF_8)));
        event.retry().ifPresent(retry -> form.append("&retry=").append(retry));
        return form.toString().getBytes(UTF_8);
    }

    private static List<String> texts(List<Update> updates) {
        return updates.stream().map(SameFramesTest::text).toList();
    }

    private static String text(Update update) {
        return update.topics() + " " + update.id() + "\n" + new String(update.fields(), UTF_8);
    }
}
