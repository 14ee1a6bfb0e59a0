package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.junit.jupiter.api.Test;

class OpeningWriterTest {
    /** A connection that records each write. */
    private static final class Connection implements DataWriter {
        private final List<String> writes = new ArrayList<>();

        @Override
        public void write(BufferData... buffers) {
            writeNow(buffers);
        }

        @Override
        public void write(BufferData buffer) {
            writeNow(buffer);
        }

        @Override
        public void writeNow(BufferData... buffers) {
            writeNow(BufferData.create(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            writes.add(buffer.readString(buffer.available()));
        }
    }

    private final Connection connection = new Connection();
    private final OpeningWriter writer = new OpeningWriter(connection, () -> {});

    @Test
    void answersAreWrittenImmediately() {
        writer.write(text("HTTP/1.1 200 OK"));
        writer.writeNow(text("a"), text("b"));

        assertThat(connection.writes).containsExactly("HTTP/1.1 200 OK", "a", "b");
    }

    @Test
    void theHeadersOfAStreamAreWrittenWithItsFirstFrame() {
        writer.writeTogether(() -> {
            writer.write(text("HTTP/1.1 200 OK\r\n"), text("\r\n"));
            writer.writeNow(text("more"));
            assertThat(connection.writes).isEmpty();
        }, text(" and the first"));
        writer.write(text("next"));

        assertThat(connection.writes).containsExactly("HTTP/1.1 200 OK\r\n\r\nmore and the first", "next");
    }

    @Test
    void headersCanBeLong() {
        String headers = "X: y\r\n".repeat(1_000);
        writer.writeTogether(() -> {
            writer.write(text(headers));
            writer.write(text(headers));
        }, text("first"));

        assertThat(connection.writes).containsExactly(headers + headers + "first");
    }

    private static BufferData text(String text) {
        return BufferData.create(text.getBytes(UTF_8));
    }
}
