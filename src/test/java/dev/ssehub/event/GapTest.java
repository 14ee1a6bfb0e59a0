package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.HubEvents.Gap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.openqa.selenium.json.Json;

/** What a client asks for comes back to it in JSON, whatever it is; read by a parser that nobody here wrote. */
class GapTest {

    @Property
    void isJsonWhateverTheIdsAre(@ForAll("ids") String requested, @ForAll("ids") String oldest, @ForAll("ids") String newest) {
        String frame = new String(new Gap("1-0", requested, oldest, newest).frame(), UTF_8);

        assertThat(frame).startsWith("id: 1-0\nevent: gap\ndata: {").endsWith("}\n\n");
        assertThat(frame.lines()).hasSize(4);
        assertThat(json(frame)).isEqualTo(Map.of("requested", requested, "oldest", oldest, "newest", newest));
    }

    @Example
    void whatIsNotThereIsNull() {
        assertThat(json(new String(new Gap("1-0", null, null, null).frame(), UTF_8))).hasSize(3).containsEntry("requested", null)
                .containsEntry("oldest", null).containsEntry("newest", null);
    }

    @Provide
    Arbitrary<String> ids() {
        Arbitrary<String> any = Arbitraries.integers().between(0, Character.MAX_CODE_POINT)
                .filter(code -> code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE).map(Character::toString);
        return Arbitraries.oneOf(any, Arbitraries.of("\"", "\\", "\n", "\r", "\0", "\u001f", "/", "\u2028")).list().ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    private static Map<String, Object> json(String frame) {
        return new Json().toType(frame.substring(frame.indexOf("data: ") + 6), Json.MAP_TYPE);
    }
}
