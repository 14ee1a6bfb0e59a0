package dev.ssehub.connection;

import module java.base;
import dev.ssehub.stream.UnaskedBytes;
import dev.ssehub.thread.Turns;

/**
 * The bytes that a TLS socket reads from its TCP socket. They are counted; the reader of a request subtracts the request. The
 * thread's turn ends before each read, and the thread takes one after it.
 */
final class EncryptedInput extends FilterInputStream {
    // Key updates, empty records and handshake messages never reach the readers of the TLS socket, so they are counted here. The
    // JDK first reads the header of a record and then its content, each with one or more reads. A read that returns as many bytes
    // as the JDK asked for completes the header or the content.
    //
    // The JDK asks for the available bytes only when it closes the socket. It discards them, because otherwise a reset
    // could reach the client before it has read the answer. It would do so for as long as the client sends, and an exception would
    // keep the socket open. So from then on the bytes are not counted, and their number is limited.

    private static final int MAX_DISCARDED = 64 * 1024;

    private final UnaskedBytes unasked;
    private final Turns.Turn turn;
    private boolean closing;
    private int discarded;

    EncryptedInput(InputStream tcp, UnaskedBytes unasked, Turns.Turn turn) {
        super(tcp);
        this.unasked = unasked;
        this.turn = turn;
    }

    @Override
    public int read() throws IOException {
        turn.end();
        int next = super.read();
        if (next >= 0 && !closing) {
            unasked.add(1);
            turn.begin();
        }
        return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        turn.end();
        int count = super.read(buffer, offset, length);
        if (count > 0 && !closing) {
            if (count == length) {
                unasked.add(count);
            } else {
                unasked.addPart(count);
            }
            turn.begin();
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        closing = true;
        turn.end();
        int count = Math.min(super.available(), MAX_DISCARDED - discarded);
        discarded += count;
        return count;
    }

    /** Does nothing, because the owner of the TCP socket closes it. */
    @Override
    public void close() {}
}
