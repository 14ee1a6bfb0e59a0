package dev.ssehub.connection;

import module java.base;

/** Decodes a chunked body (RFC 9112, section 7.1). Ignores extensions and trailers. For one thread. */
final class ChunkedBody {
    // Every line must end with CRLF. A more generous decoder could find another end of the body than a proxy in front of the hub.

    private static final int MAX_DIGITS = 16;
    /** The most bytes of all extensions and trailers of a body. */
    private static final int MAX_IGNORED = 8 * 1024;

    private enum State {
        SIZE, AFTER_SIZE, EXTENSION, SIZE_END, DATA, DATA_CR, DATA_LF, TRAILER_START, TRAILER, TRAILER_END, LAST_LF, COMPLETE
    }

    private State state = State.SIZE;
    private long size;
    private int digits;
    private int ignored;

    /** Returns whether the end of the body was decoded. */
    boolean isComplete() {
        return state == State.COMPLETE;
    }

    /**
     * Decodes bytes up to the end of the body.
     *
     * @param data receives the data
     * @return the index of the first byte after the decoded ones
     * @throws MalformedBodyException if the bytes are not chunks, or if extensions and trailers are too long
     */
    int decode(byte[] bytes, int from, ByteArrayOutputStream data) {
        int at = from;
        while (at < bytes.length && state != State.COMPLETE) {
            if (state == State.DATA) {
                int length = (int) Math.min(size, bytes.length - at);
                data.write(bytes, at, length);
                at += length;
                size -= length;
                state = size == 0 ? State.DATA_CR : State.DATA;
            } else {
                state = next(bytes[at++]);
            }
        }
        return at;
    }

    private State next(byte b) {
        return switch (state) {
            case SIZE -> Character.digit(b, 16) >= 0 ? digit(b) : afterSize(b);
            case AFTER_SIZE -> afterSize(b);
            case EXTENSION -> b == '\r' ? State.SIZE_END : ignore(b, State.EXTENSION);
            case SIZE_END -> expect(b, '\n', size > 0 ? State.DATA : State.TRAILER_START);
            case DATA_CR -> expect(b, '\r', State.DATA_LF);
            case DATA_LF -> {
                digits = 0;
                yield expect(b, '\n', State.SIZE);
            }
            case TRAILER_START -> b == '\r' ? State.LAST_LF : ignore(b, State.TRAILER);
            case TRAILER -> b == '\r' ? State.TRAILER_END : ignore(b, State.TRAILER);
            case TRAILER_END -> expect(b, '\n', State.TRAILER_START);
            case LAST_LF -> expect(b, '\n', State.COMPLETE);
            case DATA, COMPLETE -> throw new IllegalStateException();
        };
    }

    private State digit(byte b) {
        if (++digits > MAX_DIGITS || size > Long.MAX_VALUE >> 4) {
            throw new MalformedBodyException("the size of a chunk is too large");
        }
        size = size << 4 | Character.digit(b, 16);
        return State.SIZE;
    }

    /** Spaces may follow the size, and then an extension, which begins with a semicolon. */
    private State afterSize(byte b) {
        if (b != '\r' && b != ';' && b != ' ' && b != '\t') {
            throw new MalformedBodyException("the size of a chunk must be a hexadecimal number, and its line must end with CRLF");
        }
        if (digits == 0) {
            throw new MalformedBodyException("a chunk has no size");
        }
        return b == '\r' ? State.SIZE_END : ignore(b, b == ';' ? State.EXTENSION : State.AFTER_SIZE);
    }

    private State ignore(byte b, State next) {
        if (b == '\n') {
            throw new MalformedBodyException("a line of the chunked coding does not end with CRLF");
        }
        if (++ignored > MAX_IGNORED) {
            throw new MalformedBodyException(
                    "the extensions and trailers of the chunks are longer than " + MAX_IGNORED + " bytes");
        }
        return next;
    }

    private static State expect(byte b, char expected, State next) {
        if (b != expected) {
            throw new MalformedBodyException("a chunk is longer than its size, or a line does not end with CRLF");
        }
        return next;
    }
}
