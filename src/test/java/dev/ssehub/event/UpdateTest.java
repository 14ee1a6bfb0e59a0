package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateTest {
    @Test
    void theFrameHasAllFields() {
        Update update = new Update(List.of("t", "u"), "a\nb", "type", "urn:1", 1_500L, true);
        Event event = Event.of(update, 7, 0, update.topics());

        assertThat(new String(event.frame(), UTF_8)).isEqualTo("id: urn:1\nevent: type\nretry: 1500\ndata: a\ndata: b\n\n");
        assertThat(event.topics()).containsExactly("t", "u");
        assertThat(event.isPrivate()).isTrue();
        assertThat(new Update("t", "").isPrivate()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-0-0", "-1", "urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb", "https://example.com/#1", "a b",
            "~!\"{}",
            "Earliest"})
    void anIdIsNotChanged(String id) {
        assertThat(new Update(List.of("t"), "", null, id, null, false).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, value = {"#1,begin with #", "#,begin with #", "earliest,earliest",
            "1795355311271-0,look like", "0-0,look like",
            "'',must not be empty", " 1,not begin or end with a space", "1 ,not begin or end with a space",
            "é,must be ASCII", "a\u007Fb,U+007F at 1", "'a\nb',U+000A at 1", "'a\r',U+000D at 1", "'\0',U+0000 at 0",
            "'a\tb',U+0009 at 1"})
    void anIdIsRefusedIfAHeaderCannotCarryItOrTheHubReservesIt(String id, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Update(List.of("t"), "", null, id, null, false))
                .withMessageStartingWith("the id must ").withMessageContaining(message);
    }

    @Test
    void topicsAreNamesAndTheirNumberIsLimited() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Update(List.of(), "", null, null, null, false))
                .withMessage("an update must have 1 to 20 topics, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Update(IntStream.range(0, 21).mapToObj(i -> "t" + i).toList(), "", null, null, null, false))
                .withMessageContaining("not 21");
        assertThat(new Update(Collections.nCopies(100, "t"), "", null, null, null, false).topics()).containsExactly("t");
        assertThatIllegalArgumentException().isThrownBy(() -> new Update("", "data")).withMessage("the topic must not be empty");
        assertThatIllegalArgumentException().isThrownBy(() -> new Update("a\u0085", "data")).withMessageContaining("U+0085 at 1");
    }

    @Test
    void aTypeWithALineBreakOrOfTheHubIsRefused() {
        for (String bad : List.of("a\nb", "a\rb", "a\0b", "\n")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Update(List.of("t"), "", bad, null, null, false))
                    .withMessageContaining("the type must not contain CR, LF or NUL");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Update(List.of("t"), "", " gap ", null, null, false))
                .withMessage("the type must not be one of the hub's own: gap, expired, overload");
        assertThatIllegalArgumentException().isThrownBy(() -> new Update(List.of("t"), "", null, null, -1L, false));
    }
}
