package dev.ssehub.connection;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ChunkedBodyTest {
    /** Sends a body and the first bytes of the next request in chunks of any size, and reads them in pieces of any size. */
    @Property(tries = 500)
    void findsTheDataAndTheEndHoweverTheBytesAreSplit(@ForAll @Size(max = 8) List<byte[]> chunks,
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 30) Integer> reads, @ForAll boolean extended) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (byte[] chunk : chunks.stream().filter(chunk -> chunk.length > 0).toList()) {
            sent.writeBytes(text(Integer.toHexString(chunk.length) + (extended ? " ; name=\"value\"" : "") + "\r\n"));
            sent.writeBytes(chunk);
            sent.writeBytes(text("\r\n"));
            expected.writeBytes(chunk);
        }
        sent.writeBytes(text("0\r\n" + (extended ? "X-Trailer: a\r\nY: b\r\n" : "") + "\r\n"));
        sent.writeBytes(text("\r\nGET / HTTP/1.1\r\n\r\n"));

        RequestBytes requests = new RequestBytes(pieces(sent.toByteArray(), reads)::next);
        requests.begin(new byte[0], true, 0);
        assertThat(body(requests)).isEqualTo(expected.toByteArray());
        StringBuilder next = new StringBuilder();
        while (next.indexOf("\r\n\r\n") < 0) {
            next.append(new String(requests.next(), ISO_8859_1));
        }
        assertThat(next).hasToString("GET / HTTP/1.1\r\n\r\n");
    }

    /** The same for bodies with a length, where the next request follows in the same read. */
    @Property(tries = 200)
    void findsTheNextRequestAfterABodyWithALength(@ForAll byte[] body,
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 30) Integer> reads, @ForAll boolean emptyLine) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes(body);
        sent.writeBytes(text((emptyLine ? "\r\n" : "") + "GET / HTTP/1.1\r\n\r\n"));
        Iterator<byte[]> pieces = pieces(sent.toByteArray(), reads);
        RequestBytes requests = new RequestBytes(pieces::next);
        requests.begin(pieces.next(), false, body.length);

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (read.size() < body.length) {
            read.writeBytes(requests.next());
        }
        assertThat(read.toByteArray()).isEqualTo(body);
        assertThat(new String(requests.next(), ISO_8859_1)).startsWith("G");
    }

    /** Helidon reads the first line when its end has arrived. */
    @Test
    void findsTheVersionHoweverTheFirstLineIsSplit() {
        String request = "GET / HTTP/1.0\r\nHost: a\r\n\r\n";
        for (int size = 1; size < request.length(); size++) {
            Iterator<byte[]> pieces = pieces(text(request), List.of(size));
            RequestBytes requests = new RequestBytes(pieces::next);
            List<byte[]> read = new ArrayList<>();
            while (pieces.hasNext()) {
                read.add(requests.next());
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            read.forEach(all::writeBytes);
            assertThat(all.toString(ISO_8859_1)).isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(requests.isHttp10()).isTrue();
        }
        for (String other : List.of("GET /HTTP/1.0\r\n HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nX: HTTP/1.0\r\n\r\n",
                "\nHTTP/1.0\r\n\r\n")) {
            RequestBytes requests = new RequestBytes(List.of(text(other)).iterator()::next);
            assertThat(new String(requests.next(), ISO_8859_1)).hasSize(other.stripLeading().length());
        }
    }

    /** A changed byte of the framing is noticed, changes where the body ends, or is ignored. It never changes the data. */
    @Property(tries = 1000)
    void findsTheSameDataOrNoneIfAByteOfTheFramingIsChanged(@ForAll @IntRange(min = 0, max = 35) int at, @ForAll byte changed) {
        String framing = "3 ;a=b\r\n---\r\n2\r\n--\r\n0\r\nX: y\r\n\r\n";
        boolean isSize = at == 0 || at == 13 || at == 20;
        Assume.that(at < framing.length() && framing.charAt(at) != '-' && !isSize);
        byte[] sent = text(framing);
        sent[at] = changed;
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        ChunkedBody body = new ChunkedBody();
        try {
            body.decode(sent, 0, data);
        } catch (MalformedBodyException e) {
            return;
        }
        if (body.isComplete()) {
            assertThat(data.toString(ISO_8859_1)).as(new String(sent, ISO_8859_1)).isEqualTo("-----");
        }
    }

    @Property(tries = 20)
    void boundsWhatItIgnores(@ForAll @IntRange(min = 1, max = 300) int length) {
        ChunkedBody body = new ChunkedBody();
        byte[] chunk = text("1;" + "a".repeat(length) + "\r\nx\r\n");
        assertThatThrownBy(() -> {
            for (int i = 0; i < 10_000; i++) {
                body.decode(chunk, 0, new ByteArrayOutputStream());
            }
        }).isInstanceOf(MalformedBodyException.class).hasMessageContaining("8192");
    }

    /** Decodes as Helidon does: a line with the size, the data, an empty line. */
    private static byte[] body(RequestBytes requests) {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            if (at == raw.size()) {
                raw.writeBytes(requests.next());
            }
            String text = raw.toString(ISO_8859_1);
            int end = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, end), 16);
            data.write(raw.toByteArray(), end + 2, size);
            assertThat(text.substring(end + 2 + size)).startsWith("\r\n");
            at = end + 4 + size;
            if (size == 0) {
                assertThat(at).isEqualTo(raw.size());
                return data.toByteArray();
            }
        }
    }

    private static Iterator<byte[]> pieces(byte[] bytes, List<Integer> sizes) {
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += sizes.get((pieces.size() - 1) % sizes.size())) {
            int size = sizes.get(pieces.size() % sizes.size());
            pieces.add(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
        }
        return pieces.iterator();
    }

    private static byte[] text(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
