package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Compares the parsers, which receive random pieces of random streams, with a simple decoder that has the whole text. */
class StreamParserTest {
    private static final Stamp STAMP = new Stamp("B:0badcafe:", 0);
    private static final Pattern STAMPED = Pattern.compile("B:0badcafe:(\\d{1,18}):(\\d{1,18}):");
    private static final String HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream;charset=UTF-8\r\n";

    /** The stamp of an event, or -1 and -1 if the event has no stamp. */
    private record Found(long number, long nanos) {}

    @Property(tries = 5_000)
    void findsTheSameEventsHoweverTheStreamIsCut(@ForAll("streams") String stream,
            @ForAll @Size(max = 20) List<@IntRange(min = 0, max = 300) Integer> cuts) {
        byte[] bytes = stream.getBytes(ISO_8859_1);

        assertThat(parse(new StreamParser(STAMP.prefix()), bytes, cuts)).isEqualTo(decode(stream));
    }

    /** The body has chunks or a length, or lasts until the connection is closed. */
    @Property(tries = 2_000)
    void findsTheSameBodyHoweverTheAnswerIsFramed(@ForAll("streams") String stream, @ForAll @IntRange(min = 0, max = 2) int kind,
            @ForAll @Size(max = 10) List<@IntRange(min = 1, max = 300) Integer> chunks,
            @ForAll @Size(max = 20) List<@IntRange(min = 0, max = 300) Integer> cuts) throws IOException {
        String answer = "HTTP/1.1 100 Continue\r\n\r\n" + HEAD + switch (kind) {
            case 0 -> "Transfer-Encoding: Chunked\r\n\r\n" + chunked(stream, chunks);
            case 1 -> "Content-Length: " + stream.length() + "\r\n\r\n" + stream + "what is not part of it";
            default -> "\r\n" + stream;
        };
        AnswerReader reader = new AnswerReader();
        StringBuilder body = new StringBuilder();
        byte[] bytes = answer.getBytes(ISO_8859_1);
        int from = 0;
        for (int cut : positions(cuts, bytes.length)) {
            for (int at = from; at < cut && !reader.hasEnded();) {
                at = reader.framing(bytes, at, cut);
                int end = reader.body(bytes, at, cut);
                body.append(new String(bytes, at, end - at, ISO_8859_1));
                at = end;
            }
            from = cut;
        }

        assertThat(body).hasToString(stream);
        assertThat(reader.hasHead() && reader.isEventStream() && reader.endsWithConnection()).isTrue();
        assertThat(reader.hasEnded()).isEqualTo(kind != 2);
    }

    @Example
    void findsTheEventsOfHandWrittenStreams() {
        assertThat(decodeBoth("data: B:0badcafe:5:77:xxx\n\n")).containsExactly(new Found(5, 77));
        assertThat(decodeBoth("\u00EF\u00BB\u00BFdata\r\rid: 1\r\n\r\n: data\n\n")).containsExactly(new Found(-1, -1));
        assertThat(decodeBoth("data: {\"a\":\"BB:0badcafe:B:0badcafe:5:77:\"}\n\n")).containsExactly(new Found(5, 77));
        assertThat(decodeBoth("id: B:0badcafe:5:77:\nevent: data\n\ndata:x\n")).isEmpty();
        assertThat(decodeBoth("data: B:0badcafe:5:\ndata: B:0badcafe::7:B:0badcafe:6:7:\ndata: B:0badcafe:8:8:\n\n"))
                .containsExactly(new Found(6, 7));
        assertThat(decodeBoth(" data: x\n\ndatax: x\n\ndata:\n\n")).containsExactly(new Found(-1, -1));
    }

    @Provide
    Arbitrary<String> streams() {
        Arbitrary<String> stamp = Arbitraries.longs().between(0, 99_999_999_999L)
                .map(number -> STAMP.data(number, number / 7, 60));
        Arbitrary<String> piece = Arbitraries.of("\n", "\n\n", "\r", "\r\n", "\r\n\r\n", "data", "data: ", "data:", ":", "id: 1",
                " ",
                "B", "B:", "B:0badcafe:", "1", "123456789012345678", "0badcafe", "event: x", "xxxxxxxxxxxxxxxx",
                "\u00EF\u00BB\u00BF", "\0");
        Arbitrary<String> event = stamp.map(text -> "id: 7\ndata: " + text + "\n\n");
        return Arbitraries.frequencyOf(Tuple.of(6, piece), Tuple.of(1, stamp),
                Tuple.of(2, event)).list().ofMaxSize(30).map(parts -> String.join("", parts));
    }

    private static List<Found> decodeBoth(String stream) {
        List<Found> found = decode(stream);
        List<Integer> everyByte = Collections.nCopies(stream.length(), 1);
        assertThat(parse(new StreamParser(STAMP.prefix()), stream.getBytes(ISO_8859_1), everyByte)).isEqualTo(found);
        return found;
    }

    /** Decodes a complete stream according to WHATWG HTML 9.2.6. */
    private static List<Found> decode(String stream) {
        List<Found> events = new ArrayList<>();
        String text = stream.startsWith("\u00EF\u00BB\u00BF") ? stream.substring(3) : stream;
        List<String> lines = new ArrayList<>(List.of(text.split("\r\n|\r|\n", -1)));
        lines.removeLast(); // not terminated
        List<String> data = new ArrayList<>();
        for (String line : lines) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    Matcher stamped = STAMPED.matcher(String.join("\n", data));
                    events.add(stamped.find()
                            ? new Found(Long.parseLong(stamped.group(1)), Long.parseLong(stamped.group(2)))
                            : new Found(-1, -1));
                }
                data.clear();
            } else if (line.equals("data") || line.startsWith("data:")) {
                data.add(line.substring(Math.min(line.length(), 5)));
            }
        }
        return events;
    }

    private static List<Found> parse(StreamParser parser, byte[] bytes, List<Integer> cuts) {
        List<Found> events = new ArrayList<>();
        int from = 0;
        for (int cut : positions(cuts, bytes.length)) {
            for (int at = parser.next(bytes, from, cut); parser.dispatched(); at = parser.next(bytes, at, cut)) {
                events.add(parser.stamped() ? new Found(parser.number(), parser.nanos()) : new Found(-1, -1));
            }
            from = cut;
        }
        return events;
    }

    /** Returns the ends of the pieces; the last piece contains the rest. */
    private static List<Integer> positions(List<Integer> sizes, int length) {
        List<Integer> positions = new ArrayList<>();
        int at = 0;
        for (int size : sizes) {
            at = Math.min(length, at + size);
            positions.add(at);
        }
        positions.add(length);
        return positions;
    }

    private static String chunked(String text, List<Integer> sizes) {
        StringBuilder chunks = new StringBuilder();
        int from = 0;
        for (int to : positions(sizes, text.length())) {
            if (to > from) {
                chunks.append(Integer.toHexString(to - from)).append(to % 2 == 0 ? ";x=1\r\n" : "\r\n").append(text, from, to)
                        .append("\r\n");
            }
            from = to;
        }
        return chunks.append("0\r\nTrailer: x\r\n\r\n").toString();
    }
}
