package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** An independent decoder (okhttp-sse) reads what the encoder has encoded. */
class EventEncoderTest {
    record Message(String id, String type, String data) {}

    @Property(tries = 2_000)
    void aDecoderReadsTheSameMessages(@ForAll("messages") List<Message> messages) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(EventEncoder.comment(2_000L, null, "hello", false));
        for (Message message : messages) {
            stream.writeBytes(EventEncoder.event(message.id(), message.type(), message.data()));
            stream.writeBytes(EventEncoder.comment(message.data(), false));
        }

        assertThat(decode(stream.toByteArray())).isEqualTo(messages.stream().map(message -> new Message(message.id(),
                message.type(), message.data().replace("\r\n", "\n").replace('\r', '\n'))).toList());
    }

    @Property
    void aFrameHasLinesOfKnownFieldsAndEndsWithOneEmptyLine(@ForAll("messages") List<Message> messages) {
        for (Message message : messages) {
            String frame = new String(EventEncoder.event(message.id(), message.type(), message.data()), UTF_8);

            assertThat(frame).endsWith("\n\n").doesNotContain("\r");
            assertThat(frame.substring(0, frame.length() - 2).split("\n", -1))
                    .allMatch(line -> line.matches("(?s)(id|event|data): .*"));
        }
    }

    @Provide
    Arbitrary<List<Message>> messages() {
        Arbitrary<String> line = text().map(text -> text.replaceAll("[\r\n\0]", "")).filter(text -> !text.isEmpty());
        return Combinators.combine(line, line, text()).as(Message::new).list().ofMaxSize(5);
    }

    /** All of Unicode. The characters that have a meaning in a stream are more frequent. */
    private static Arbitrary<String> text() {
        Arbitrary<String> any = Arbitraries.integers().between(0, Character.MAX_CODE_POINT)
                .filter(code -> code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE).map(Character::toString);
        Arbitrary<String> special = Arbitraries.of("\n", "\r", "\r\n", " ", ":", "\0", "\uFEFF", "data", "\u2028", "\u0085");
        return Arbitraries.oneOf(any, special).list().ofMaxSize(12).map(parts -> String.join("", parts));
    }

    @Example
    void theFormatIsTheOneThatTheReadmeShows() {
        assertThat(EventEncoder.event("1-0", null, "Server time: 2026-01-01T00:00:00Z"))
                .asString(UTF_8).isEqualTo("id: 1-0\ndata: Server time: 2026-01-01T00:00:00Z\n\n");
        assertThat(EventEncoder.event(null, "gap", "a\r\n\rb\n")).asString(UTF_8)
                .isEqualTo("event: gap\ndata: a\ndata: \ndata: b\ndata: \n\n");
        assertThat(EventEncoder.event("1", null, "")).asString(UTF_8).isEqualTo("id: 1\ndata: \n\n");
        assertThat(EventEncoder.comment("a\nb", true)).asString(UTF_8).isEqualTo(": a\n: b\n\n");
        assertThat(EventEncoder.comment("a\nb", false)).asString(UTF_8).isEqualTo(": a\n: b\n");
        assertThat(EventEncoder.comment(1500L, null, "x", true)).asString(UTF_8).isEqualTo("retry: 1500\n: x\n\n");
        assertThat(EventEncoder.comment(1500L, "1-0", "x", false)).asString(UTF_8).isEqualTo("retry: 1500\nid: 1-0\n: x\n");
        assertThat(EventEncoder.comment(null, "1-0", "x", true)).asString(UTF_8).isEqualTo("id: 1-0\n: x\n\n");
        assertThat(EventEncoder.event("1-0", EventEncoder.fields("a", 5L, "b"))).asString(UTF_8)
                .isEqualTo("id: 1-0\nevent: a\nretry: 5\ndata: b\n\n");
    }

    @Example
    void aFieldWithALineBreakIsRefused() {
        for (String bad : List.of("a\nb", "a\rb", "a\0b", "\n")) {
            assertThatIllegalArgumentException().isThrownBy(() -> EventEncoder.event(bad, null, ""))
                    .withMessageContaining("the id must not contain CR, LF or NUL");
            assertThatIllegalArgumentException().isThrownBy(() -> EventEncoder.event(null, bad, ""))
                    .withMessageContaining("the type must not contain CR, LF or NUL");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> EventEncoder.comment(-1L, null, "", false));
    }

    private static List<Message> decode(byte[] stream) {
        List<Message> messages = new ArrayList<>();
        Response response = new Response.Builder().request(new Request.Builder().url("http://localhost/").build())
                .protocol(Protocol.HTTP_1_1).code(200).message("OK")
                .body(ResponseBody.create(stream, MediaType.get("text/event-stream"))).build();
        EventSources.processResponse(response, new EventSourceListener() {
            @Override
            public void onEvent(EventSource source, String id, String type, String data) {
                messages.add(new Message(id, type, data));
            }

            @Override
            public void onFailure(EventSource source, Throwable failure, Response response) {
                throw new AssertionError("not decodable", failure);
            }
        });
        return messages;
    }
}
