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

/** A gap contains the id that the client has sent, which can be any text. An independent parser reads the JSON. */
class GapTest {
    @Property
    void anyIdsAreValidJson(@ForAll("ids") String requested, @ForAll("ids") String oldest, @ForAll("ids") String newest) {
        String frame = new String(new Gap("1-0", requested, oldest, newest).frame(), UTF_8);

        assertThat(frame).startsWith("id: 1-0\nevent: gap\ndata: {").endsWith("}\n\n");
        assertThat(frame.lines()).hasSize(4);
        assertThat(json(frame)).isEqualTo(Map.of("requested", requested, "oldest", oldest, "newest", newest));
    }

    @Example
    void aMissingIdIsNull() {
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
