package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LineSplitterTest {
    private static final Pattern CUT = Pattern.compile("(.*) … \\(cut: (\\d+) more bytes\\)", Pattern.DOTALL);

    /** The model decodes the whole text and then splits it. */
    @Property(tries = 2_000)
    void theLinesDoNotDependOnThePieces(@ForAll("bytes") byte[] bytes,
            @ForAll @Size(max = 10) List<@IntRange(min = 0, max = 200) Integer> cuts) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(lines::add, 1000);
        feed(splitter, bytes, cuts);

        String text = new String(bytes, UTF_8);
        List<String> expected = new ArrayList<>(List.of(text.split("\n", -1)));
        String rest = expected.removeLast();
        assertThat(lines).isEqualTo(withoutCr(expected));
        splitter.end();
        assertThat(lines).isEqualTo(withoutCr(rest.isEmpty() ? expected : join(expected, rest)));
    }

    @Property(tries = 2_000)
    void aLongLineIsCutAfterTheLastCharacterThatFits(@ForAll("texts") String text, @ForAll @IntRange(min = 4, max = 12) int max,
            @ForAll @Size(max = 10) List<@IntRange(min = 0, max = 100) Integer> cuts) {
        List<String> lines = new ArrayList<>();
        feed(new LineSplitter(lines::add, max), (text + "\r\nnext\n").getBytes(UTF_8), cuts);

        int fits = 0;
        int characters = 0;
        while (characters < text.length()) {
            int character = text.codePointAt(characters);
            int bytes = Character.toString(character).getBytes(UTF_8).length;
            if (fits + bytes > max) {
                break;
            }
            fits += bytes;
            characters += Character.charCount(character);
        }
        int length = text.getBytes(UTF_8).length;
        String line = characters == text.length()
                ? text
                : text.substring(0, characters) + " … (cut: " + (length - fits) + " more bytes)";
        assertThat(lines).containsExactly(line, "next");
    }

    /** The kept bytes and the missing bytes add up to all bytes, and at most one character is cut before the limit. */
    @Property
    void aLongLineThatIsNotUtf8IsCutNearTheLimit(@ForAll @Size(min = 20, max = 40) byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '\n' || bytes[i] == '\r' ? (byte) 0x80 : bytes[i];
        }
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(lines::add, 16);
        splitter.add(ByteBuffer.wrap(bytes));
        splitter.end();

        Matcher cut = CUT.matcher(lines.getFirst());
        assertThat(cut.matches()).isTrue();
        int kept = bytes.length - Integer.parseInt(cut.group(2));
        assertThat(kept).isBetween(13, 16);
        assertThat(cut.group(1)).isEqualTo(new String(bytes, 0, kept, UTF_8));
    }

    /** For example, the output of {@code cat /dev/zero}. */
    @Example
    void anEndlessLineIsNotHeld() {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(lines::add);
        ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
        AtomicLong bytes = new AtomicLong();
        for (int i = 0; i < 2049; i++) { // more than an array can hold
            splitter.add(zeros.clear());
            bytes.addAndGet(zeros.capacity());
        }
        splitter.add(ByteBuffer.wrap("\n".getBytes(UTF_8)));

        assertThat(lines).containsExactly("\0".repeat(8192) + " … (cut: " + (bytes.get() - 8192) + " more bytes)");
    }

    private static void feed(LineSplitter splitter, byte[] bytes, List<Integer> cuts) {
        int[] positions = cuts.stream().mapToInt(cut -> Math.min(cut, bytes.length)).sorted().toArray();
        int from = 0;
        for (int position : positions) {
            splitter.add(ByteBuffer.wrap(bytes, from, position - from));
            from = position;
        }
        splitter.add(ByteBuffer.wrap(bytes, from, bytes.length - from));
    }

    private static List<String> withoutCr(List<String> lines) {
        return lines.stream().map(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line).toList();
    }

    private static List<String> join(List<String> lines, String last) {
        List<String> all = new ArrayList<>(lines);
        all.add(last);
        return all;
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        Arbitrary<String> pieces = Arbitraries.of("a", "\n", "\r", "\r\n", "ä", "€", "😀", "\0", " ");
        Arbitrary<byte[]> text = pieces.list().ofMaxSize(60).map(list -> String.join("", list).getBytes(UTF_8));
        Arbitrary<byte[]> anything = Arbitraries.of((byte) 'a', (byte) '\n', (byte) '\r', (byte) 0xC3, (byte) 0xE2, (byte) 0x82,
                (byte) 0xAC, (byte) 0xF0, (byte) 0xFF, (byte) 0x80).list().ofMaxSize(60).map(LineSplitterTest::array);
        return Arbitraries.oneOf(text, anything);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("a", "ä", "€", "😀", "\r ").list().ofMaxSize(12).map(list -> String.join("", list));
    }

    private static byte[] array(List<Byte> list) {
        byte[] array = new byte[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = list.get(i);
        }
        return array;
    }
}
