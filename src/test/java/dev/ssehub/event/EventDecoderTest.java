package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.EventDecoder.Block;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EventDecoderTest {
    private static List<Block> decode(EventDecoder decoder, byte[] bytes) {
        List<Block> blocks = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (Block block = decoder.next(buffer); block != null; block = decoder.next(buffer)) {
            blocks.add(block);
        }
        assertThat(buffer.hasRemaining()).isFalse();
        return blocks;
    }

    private static List<Block> decode(String text) {
        return decode(new EventDecoder(100), text.getBytes(UTF_8));
    }

    private static Block data(String data) {
        return new Block(data, null, null, null, false);
    }

    /** The examples of WHATWG HTML 9.2.6. */
    @Test
    void readsTheExamplesOfTheStandard() {
        assertThat(decode("data: YHOO\ndata: +2\ndata: 10\n\n")).containsExactly(data("YHOO\n+2\n10"));
        assertThat(decode(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"))
                .containsExactly(new Block("first event", null, "1", null, false),
                        new Block("second event", null, "", null, false),
                        data(" third event"));
        assertThat(decode("data\n\ndata\ndata\n\ndata:")).containsExactly(data(""), data("\n"));
        assertThat(decode("data:test\n\ndata: test\n\n")).containsExactly(data("test"), data("test"));
    }

    @Test
    void endsLinesAtEachKindOfNewline() {
        assertThat(decode("\uFEFFdata: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\ndata: e\n\r"))
                .containsExactly(data("a"), data("b"), data("c"), data("d\ne"));
        assertThat(decode("\uFEFF\uFEFFdata: a\n\ndata: b\n\n")).containsExactly(data("b"));
    }

    @Test
    void readsTheOtherFields() {
        assertThat(decode("event: a\nid: 1\nretry: 250\ndata: x\n\nevent:\ndata: y\n\n"))
                .containsExactly(new Block("x", "a", "1", 250L, false), data("y"));
        assertThat(decode("retry: 5\n\nid: 7\n\n")).containsExactly(new Block(null, null, null, 5L, false),
                new Block(null, null, "7", null, false));
        assertThat(decode("id: a\0b\nretry: 1x\nretry: \nretry: 99999999999999999999\nretry: \u0665\nother: 1\n: comment\n\n"))
                .isEmpty();
        assertThat(decode(new EventDecoder(10), new byte[]{'d', 'a', 't', 'a', ':', (byte) 0xFF, '\n', '\n'}))
                .containsExactly(data("\uFFFD"));
    }

    @Test
    void leavesOutWhatIsTooLarge() {
        String ten = "0123456789";
        assertThat(decode(new EventDecoder(10), ("data: " + ten + "\n\n").getBytes(UTF_8))).containsExactly(data(ten));
        assertThat(decode(new EventDecoder(10), ("data:" + ten + "!\nid: 1\n\ndata: next\n\n").getBytes(UTF_8)))
                .containsExactly(new Block(null, null, "1", null, true), data("next"));
        assertThat(
                decode(new EventDecoder(10), "data: 12345\ndata: 1234\n\ndata: 12345\ndata: 12345\nevent: x\n\n".getBytes(UTF_8)))
                .containsExactly(data("12345\n1234"), new Block(null, "x", null, null, true));
        assertThat(decode(new EventDecoder(10), (":" + ten.repeat(100) + "\n\ndata: a\n\n").getBytes(UTF_8)))
                .containsExactly(data("a"));
    }

    @Provide
    Arbitrary<String> streams() {
        return Arbitraries
                .of("data", "event", "id", "retry", ":", ": ", "\n", "\r", "\r\n", "a", "\u20AC", "1", "\0", "\uFEFF", "\n\n")
                .list().ofMaxSize(60).map(parts -> String.join("", parts));
    }

    @Property(tries = 300)
    void piecesGiveTheSameBlocksAsTheWhole(@ForAll("streams") String stream, @ForAll Random random) {
        byte[] bytes = stream.getBytes(UTF_8);
        EventDecoder decoder = new EventDecoder(20);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < bytes.length;) {
            int end = i + 1 + random.nextInt(bytes.length - i);
            blocks.addAll(decode(decoder, Arrays.copyOfRange(bytes, i, end)));
            i = end;
        }
        assertThat(blocks).isEqualTo(decode(new EventDecoder(20), bytes));
    }

    @Property(tries = 200)
    void readsWhatTheEncoderWrites(@ForAll String data) {
        String text = data.replaceAll("[\\ud800-\\udfff]", "");
        assertThat(decode(new EventDecoder(1 << 20), EventEncoder.event("1", "t", text)))
                .containsExactly(new Block(text.replaceAll("\r\n|\r", "\n"), "t", "1", null, false));
    }
}
