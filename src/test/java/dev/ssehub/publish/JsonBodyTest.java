package dev.ssehub.publish;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ssehub.event.Update;
import dev.ssehub.server.TestSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates as JSON. */
class JsonBodyTest {
    private static final UpdateRules RULES = new UpdateRules(new TestSettings().build().limits());
    private static final int MAX = 5;

    private static List<String> parse(String json) {
        return JsonBody.parse(json.getBytes(UTF_8), MAX, RULES::update).stream().map(JsonBodyTest::text).toList();
    }

    private static List<String> parseLines(String json) {
        return JsonBody.parseLines(json.getBytes(UTF_8), MAX, RULES::update).stream().map(JsonBodyTest::text).toList();
    }

    private static String text(Update update) {
        return String.join("+", update.topics()) + "|" + update.id() + "|" + update.isPrivate() + (update.ends() ? "|end|" : "|")
                + new String(update.fields(), UTF_8).strip().replace("\n", "|");
    }

    @Test
    void anObjectIsAnEvent() {
        assertThat(
                parse("""
                        {"topic": ["a", "b"], "data": "one\\ntwo \\u00e9", "id": "own", "type": "news", "retry": 1500, "private": true}"""))
                .containsExactly("a+b|own|true|event: news|retry: 1500|data: one|data: two é");
        assertThat(parse("{\"topic\":\"a\"}")).containsExactly("a|null|false|data:");
    }

    @Test
    void anEventCanEndItsTopics() {
        assertThat(parse("[{\"topic\":\"a\",\"end\":true}, {\"topic\":\"a\",\"end\":false}, {\"topic\":\"a\",\"end\":null}]"))
                .containsExactly("a|null|false|end|data:", "a|null|false|data:", "a|null|false|data:");
    }

    @Test
    void anArrayIsABatch() {
        assertThat(parse("[{\"topic\":\"a\",\"data\":1}, {\"topic\":\"b\",\"data\":2}]"))
                .containsExactly("a|null|false|data: 1", "b|null|false|data: 2");
    }

    @Test
    void eachLineIsAnEvent() {
        assertThat(parseLines("\n{\"topic\":\"a\",\"data\":1}\r\n\n  {\"topic\":\"b\"}"))
                .containsExactly("a|null|false|data: 1", "b|null|false|data:");
    }

    /** The values of data, and the texts that are published. */
    @ParameterizedTest
    @CsvSource(delimiter = '#', quoteCharacter = '`', value = {"1.00#1.00", "-0#-0", "1E+400#1E+400",
            "123456789012345678901234567890#123456789012345678901234567890", "true#true", "null#null", "\" x \"#` x`",
            "{ }#{}", "[ 1.50 , -0.0e-1 ]#[1.50,-0.0e-1]",
            "{ \"a b\" : \"c \\\" d\\\\\" , \"n\" : [ { } , \"\\u00e9 /\\/\" ] }#{\"a b\":\"c \\\" d\\\\\",\"n\":[{},\"\\u00e9 /\\/\"]}"})
    void dataIsAnyValue(String json, String text) {
        assertThat(parse("{\"data\":" + json + ",\"topic\":\"a\"}").getFirst())
                .isEqualTo("a|null|false|data: " + text);
    }

    @Test
    void nullAndFalseCountAsLeftOut() {
        assertThat(parse("{\"topic\":\"a\",\"id\":null,\"type\":null,\"retry\":null,\"private\":false,\"more\":[{}]}"))
                .containsExactly("a|null|false|data:");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', quoteCharacter = '`', value = {
            "``#the body is empty",
            "1#the body cannot be read at line 1, column 1: an event must be an object, such as {\"topic\": \"chat\", \"data\": \"Hello\"}",
            "[]#the body has no event",
            "[[]]#the body cannot be read at line 1, column 2: an event must be an object, such as {\"topic\": \"chat\", \"data\": \"Hello\"}",
            "{\"topic\":\"a\"#the body cannot be read at line 1, column 13: it ends too early",
            "{\"topic\":\"a\",}#the body cannot be read at line 1, column 14: it is not valid JSON",
            "{\"topic\":\"a\",\"topic\":\"b\"}#the body cannot be read at line 1, column 21: the name topic is there twice",
            "{\"topic\":\"a\",\"data\":01}#the body cannot be read at line 1, column 22: it is not valid JSON",
            "{\"topic\":\"a\"} x#the body cannot be read at line 1, column 15: it is not valid JSON",
            "{\"topic\":\"a\"}{}#the body cannot be read at line 1, column 14: something follows the end",
            "{\"topic\":1}#the body cannot be read at line 1, column 10: topic must be a string, or an array of strings",
            "{\"topic\":\"a\",\"id\":1}#the body cannot be read at line 1, column 19: id must be a string",
            "{\"topic\":\"a\",\"retry\":\"1\"}#the body cannot be read at line 1, column 22: retry must be a number of milliseconds",
            "{\"topic\":\"a\",\"retry\":1.5}#the body cannot be read at line 1, column 22: retry must be a number of milliseconds",
            "{\"topic\":\"a\",\"private\":1}#the body cannot be read at line 1, column 24: private must be true or false",
            "{\"topic\":\"a\",\"data\":\"\\ud800\"}#the body cannot be read at line 1, column 21: data has half of a surrogate pair, which is not a character",
            "{\"topic\":\"a\",\"end\":\"\"}#the body cannot be read at line 1, column 20: end must be true or false",
            "{\"topic\":\"a\",\"End\":true}#there is no field End; did you mean end?",
            "{\"topics\":\"a\"}#there is no field topics; did you mean topic?",
            "[{\"topic\":\"a\"},{\"topic\":\"\"}]#event 2 of 2: the topic must not be empty",
            "[{\"topic\":\"a\",\"retry\":99999999},{}]#event 1 of 2: the field retry may be up to 60000 milliseconds (sse-hub.publish.max-retry), not 99999999"})
    void refuses(String json, String sentence) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(json)).withMessage(sentence);
    }

    @Test
    void namesTheLine() {
        assertThatIllegalArgumentException().isThrownBy(() -> parseLines("{\"topic\":\"a\"}\n\n{\"topic\":}"))
                .withMessage("the body cannot be read at line 3, column 10: it is not valid JSON");
        assertThatIllegalArgumentException().isThrownBy(() -> parseLines("[{\"topic\":\"a\"}]"))
                .withMessageContaining("an event must be an object");
    }

    @Test
    void limitsTheEventsAndTheDepth() {
        String events = "{\"topic\":\"a\"},".repeat(MAX);
        assertThat(parse("[" + events.substring(0, events.length() - 1) + "]")).hasSize(MAX);
        assertThatIllegalArgumentException().isThrownBy(() -> parse("[" + events + "{}]"))
                .withMessage("a request may have up to 5 events, this one has more");
        String members = IntStream.range(0, 50).mapToObj(i -> "\"m" + i + "\":1").collect(Collectors.joining(","));
        assertThatIllegalArgumentException().isThrownBy(() -> parse("{\"topic\":\"a\"," + members + "}"))
                .withMessageEndingWith("an event may have up to 50 members");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"topic\":\"a\",\"data\":" + "[".repeat(1_000_000)))
                .withMessageContaining("values may be nested 100 times");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"topic\":\"a\",\"data\":" + "1".repeat(2_000) + "}"))
                .withMessageContaining("numbers have 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "eda080", "c080", "f8888080"})
    void refusesWhatIsNotUtf8(String hex) {
        byte[] bytes = ("{\"topic\":\"a\",\"data\":\"" + new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1)
                + "\"}").getBytes(StandardCharsets.ISO_8859_1);
        assertThatIllegalArgumentException().isThrownBy(() -> JsonBody.parse(bytes, MAX, RULES::update))
                .withMessage("the body is not UTF-8");
    }
}
