package dev.ssehub.stream;

import module java.base;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.jspecify.annotations.Nullable;

/** Writes a connection's answers. Can hold back a stream's headers to write them with the first frame. For one thread. */
public final class OpeningWriter implements DataWriter {

    private static final int USUAL_SIZE = 1024;

    private final DataWriter connection;
    /** Not a growing BufferData, because in Helidon 4.5.0 that loses its content when it grows. */
    private @Nullable ByteArrayOutputStream held;

    public OpeningWriter(DataWriter connection) {
        this.connection = connection;
    }

    /** Holds back everything that is written from now on. */
    void hold() {
        held = new ByteArrayOutputStream(USUAL_SIZE);
    }

    /** Writes what was held back, followed by {@code next}, in one write. */
    void release(BufferData next) {
        ByteArrayOutputStream all = Objects.requireNonNull(held);
        held = null;
        next.writeTo(all);
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
            connection.writeNow(buffer);
        } else {
            buffer.writeTo(held);
        }
    }
}
