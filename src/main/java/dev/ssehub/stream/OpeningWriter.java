package dev.ssehub.stream;

import java.io.ByteArrayOutputStream;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes what a connection answers; a stream's headers wait for what comes after them, so that both leave in one write. For the
 * connection's own thread.
 */
public final class OpeningWriter implements DataWriter {

    // What waits is no growing BufferData: that of Helidon 4.5.0 loses what it has when it grows.

    private static final int LIKELY_SIZE = 1024;

    private final DataWriter connection;
    private @Nullable ByteArrayOutputStream held;

    public OpeningWriter(DataWriter connection) {
        this.connection = connection;
    }

    /** What is written from now on waits. */
    void hold() {
        held = new ByteArrayOutputStream(LIKELY_SIZE);
    }

    /** Writes what waits, and this after it. */
    void release(BufferData next) {
        ByteArrayOutputStream all = Objects.requireNonNull(held);
        held = null;
        next.writeTo(all);
        connection.writeNow(BufferData.create(all.toByteArray()));
    }

    /** The writer for all that comes after that, for any thread. */
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
