package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** What a form may contain. The bounds keep the cost of parsing proportional to the size of the form. */
class FormTest {
    private static final Set<String> NAMES = Set.of("topic", "data", "type", "lastEventID");

    @Test
    void refusesALongNameAndRepeatsOnlyItsBeginning() {
        assertThatIllegalArgumentException().isThrownBy(() -> parse("topic=t&" + "n".repeat(201) + "=x"))
                .withMessage("the name of a field may have up to 200 bytes; the name that begins with " + "n".repeat(50)
                        + " has 201 (an & in a value must be written %26)");
        assertThatIllegalArgumentException().isThrownBy(() -> parse("<\n".repeat(1 << 19)))
                .withMessageContaining("begins with " + "?".repeat(50) + " has 1048576 ");
        assertThatIllegalArgumentException().isThrownBy(() -> parse("%41".repeat(67) + "=x"));
        assertThat(parse("n".repeat(200) + "=x").all("n".repeat(200))).containsExactly("x");
    }

    @Test
    void valueMayBeLong() {
        String value = "x".repeat(1 << 20);
        assertThat(parse("topic=t&data=" + value).single("data")).isEqualTo(value);
    }

    @Test
    void repeatsOnlyTheBeginningOfAFlag() {
        Form form = parse("live=" + "x".repeat(10_000));
        assertThatIllegalArgumentException().isThrownBy(() -> form.flag("live", true))
                .withMessageMatching("the field live must be true or false, not 'x+\\.\\.\\.'")
                .matches(e -> e.getMessage().length() < 400);
    }

    @Test
    void refusesEveryLookalike() {
        for (String[] pair : new String[][]{{"Topic", "topic"}, {"topics", "topic"}, {"TOPIC_S", "topic"},
                {"channel", "topic"}, {"channels", "topic"}, {"event", "type"}, {"message", "data"}, {"datas", "data"},
                {"last-event-id", "lastEventID"}, {"last_event_ids", "lastEventID"}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> parse(pair[0] + "=x").refuseLookalikes(NAMES))
                    .withMessage("there is no field " + pair[0] + "; did you mean " + pair[1] + "?");
        }
        parse("topic=a&data=b&type=c&lastEventID=d&topicality=e&topicss=f&s=g&=h").refuseLookalikes(NAMES);
    }

    private static Form parse(String body) {
        return Form.parse(body.getBytes(UTF_8));
    }
}
