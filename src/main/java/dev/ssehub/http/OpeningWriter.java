package dev.ssehub.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes what a connection answers; a stream's headers wait for what comes after them, so that both leave in one write. For the
 * connection's own thread.
 */
final class OpeningWriter implements DataWriter {

    private final DataWriter connection;
    private final BufferData held = BufferData.growing(512);
    private boolean holds;

    OpeningWriter(DataWriter connection) {
        this.connection = connection;
    }

    /** What is written from now on waits. */
    void hold() {
        holds = true;
    }

    /** Writes what waits, and this after it. */
    void release(BufferData next) {
        holds = false;
        held.write(next);
        connection.writeNow(held);
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
        if (holds) {
            held.write(buffer);
        } else {
            connection.writeNow(buffer);
        }
    }
}
