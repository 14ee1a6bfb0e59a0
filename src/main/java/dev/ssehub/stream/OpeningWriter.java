package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.jspecify.annotations.Nullable;

/** Writes a connection's answers. Can hold back a stream's headers to write them with the first frame. For one thread. */
public final class OpeningWriter implements DataWriter {
    private static final int USUAL_SIZE = 1024;
    /** Helidon 4.5.0 writes this header for every body without a length. */
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

    private final DataWriter connection;
    private final Runnable beforeWrite;
    /** Not a growing BufferData, because in Helidon 4.5.0 that loses its content when it grows. */
    private @Nullable ByteArrayOutputStream held;
    private boolean usesChunks = true;

    /** @param beforeWrite runs before each write, because a write may block */
    public OpeningWriter(DataWriter connection, Runnable beforeWrite) {
        this.connection = connection;
        this.beforeWrite = beforeWrite;
    }

    /** Sets whether a stream may be sent in chunks. Otherwise it ends with the connection (RFC 9112, section 6.3). */
    public void useChunks(boolean uses) {
        usesChunks = uses;
    }

    boolean usesChunks() {
        return usesChunks;
    }

    /** Runs an action that writes headers, but holds them back and writes them together with what comes next. */
    void writeTogether(Runnable headers, BufferData next) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(USUAL_SIZE);
        held = all;
        headers.run();
        held = null;
        if (!usesChunks) {
            String head = all.toString(ISO_8859_1);
            if (!head.contains(CHUNKED)) {
                throw new IllegalStateException("the headers of the stream do not have " + CHUNKED);
            }
            all.reset();
            all.writeBytes(head.replace(CHUNKED, "").getBytes(ISO_8859_1));
        }
        next.writeTo(all);
        beforeWrite.run();
        connection.writeNow(BufferData.create(all.toByteArray()));
    }

    /** Returns the connection's own writer, for the frames after the first write. */
    DataWriter connection() {
        return connection;
    }

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
        for (BufferData buffer : buffers) {
            writeNow(buffer);
        }
    }

    @Override
    public void writeNow(BufferData buffer) {
        if (held == null) {
            beforeWrite.run();
            connection.writeNow(buffer);
        } else {
            buffer.writeTo(held);
        }
    }
}
