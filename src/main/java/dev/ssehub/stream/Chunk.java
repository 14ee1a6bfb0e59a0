package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.common.buffers.BufferData;

/** Joins frames, or encodes them as one chunk of an HTTP response (RFC 9112, section 7.1), in a reusable buffer. For one thread. */
final class Chunk {
    private static final int MIN_SIZE = 512;
    private static final int USUAL_SIZE = 8 * 1024 + 16;
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private byte[] bytes = new byte[MIN_SIZE];
    private int length;

    /** Returns the frames without the framing of a chunk, valid until the next call. */
    BufferData join(List<byte[]> frames) {
        reserve(size(frames));
        append(frames);
        return BufferData.create(bytes, 0, length);
    }

    /** Returns the frames as one chunk, which is valid until the next call. */
    BufferData of(List<byte[]> frames) {
        int size = size(frames);
        int digits = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(size) + 3) / 4);
        reserve(digits + size + 4);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            bytes[length++] = HEX[size >>> shift & 0xf];
        }
        newline();
        append(frames);
        newline();
        return BufferData.create(bytes, 0, length);
    }

    private static int size(List<byte[]> frames) {
        int size = 0;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        return size;
    }

    private void reserve(int needed) {
        if (bytes.length < needed) {
            bytes = new byte[Math.max(needed, Math.min(2 * bytes.length, USUAL_SIZE))];
        }
        length = 0;
    }

    private void append(List<byte[]> frames) {
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, bytes, length, frame.length);
            length += frame.length;
        }
    }

    private void newline() {
        bytes[length++] = '\r';
        bytes[length++] = '\n';
    }
}
