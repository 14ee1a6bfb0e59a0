package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** What a form may contain. The bounds keep the cost of parsing proportional to the size of the form. */
class FormTest {

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
    void refusesLookalikesOfAMissingField() {
        Pattern lookalikes = Pattern.compile("topics?|lastchannel");
        for (String name : List.of("Topic", "topics", "TOPIC_S", "last-Channel", "to_pic")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parse("a=1&" + name + "=x").refuseLookalikes("topic", lookalikes, "topic"))
                    .withMessage("there is no field " + name + "; did you mean topic?");
            parse(name + "=x&topic=").refuseLookalikes("topic", lookalikes, "topic");
        }
        parse("topicality=e&topicss=f&s=g&=h").refuseLookalikes("topic", lookalikes, "topic");
    }

    /** PHP and some libraries write the name of a list with brackets. */
    @Test
    void takesListsOnlyWhereAFieldMayBeRepeated() {
        Form form = parse("topic=1&topic[]=2&topic[0]=3&topic%5B12%5D=4&other[x]=5&[y]=6");
        assertThat(form.all("topic")).containsExactly("1", "2", "3", "4");
        assertThatIllegalArgumentException().isThrownBy(() -> form.single("topic"));
        for (String name : List.of("topic[a]", "topic[", "topic[]x", "topic[0][1]", "topic[-1]")) {
            assertThatIllegalArgumentException().isThrownBy(() -> parse("topic[]=1&" + name + "=x&topic[0]=2").all("topic"))
                    .withMessage("the field " + name + " is not understood; write topic");
        }
        for (String name : List.of("data[]", "data[0]", "data[a]")) {
            Form wrong = parse(name + "=x");
            assertThatIllegalArgumentException().isThrownBy(() -> wrong.single("data"))
                    .withMessage("the field " + name + " is not understood; write data");
            assertThatIllegalArgumentException().isThrownBy(() -> wrong.has("data"));
            assertThatIllegalArgumentException().isThrownBy(() -> wrong.last(Set.of("data")));
        }
    }

    @Test
    void ignoresAByteOrderMark() {
        assertThat(parse("\uFEFFtopic=a&data=\uFEFFb").all("topic")).containsExactly("a");
        assertThat(parse("topic=a&data=\uFEFFb").single("data")).isEqualTo("\uFEFFb");
    }

    @Test
    void findsTheLastValueOfSeveralNames() {
        Set<String> names = Set.of("lasteventid", "evslasteventid");
        assertThat(parse("lastEventID=1&x=2").last(names)).hasValue("1");
        assertThat(parse("lastEventID=1&last-event-id=2&Last_Event_ID=3&evs_last_event_id=").last(names)).hasValue("3");
        assertThat(parse("lastEventID=1&lastEventID=2").last(names)).hasValue("2");
        assertThat(parse("last=1&id=2&lastEventID=").last(names)).isEmpty();
    }

    private static Form parse(String body) {
        return Form.parse(body.getBytes(UTF_8));
    }
}
