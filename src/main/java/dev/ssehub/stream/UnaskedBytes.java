package dev.ssehub.stream;

import module java.base;

/**
 * Limits what a client may send although the hub has not asked for it: anything on an open stream, and in TLS anything but the data
 * of requests. For one thread.
 */
public final class UnaskedBytes {
    // An open stream needs nothing from its client. Browsers, curl and proxies send nothing. A client may have sent a next request
    // early (RFC 9112, section 9.3.2), and TLS 1.3 lets it renew its keys (RFC 8446, section 4.6.3), so a little is allowed.
    // Before a stream, a TLS handshake needs a few kilobytes, and a TLS record has at most 16 KiB before its data can be used.

    private static final int MAX = 32 * 1024;
    /** The work of a read or of half a TLS record besides its bytes, as a number of bytes. */
    private static final int COST = 64;
    /** What a TLS record with data counts besides its data, at most: header, padding, checksum, and the two parts of the record. */
    private static final int RECORD = 96 + 2 * COST;

    private int count;

    /** Counts bytes that belong together. Throws an IOException if the client has sent too many. */
    public void add(int bytes) throws IOException {
        addPart(bytes);
        addPart(COST);
    }

    /** Counts some of the bytes that belong together; more will follow. Throws an IOException if the client has sent too many. */
    public void addPart(int bytes) throws IOException {
        count += bytes;
        if (count > MAX) {
            throw new TooMany();
        }
    }

    /** Stops counting the data of a request, which the client has sent in at least one TLS record. */
    public void subtractData(int bytes) {
        count = Math.max(0, count - bytes - RECORD);
    }

    /** Thrown when a client has sent too many unasked bytes. */
    static final class TooMany extends IOException {
        private static final long serialVersionUID = 1;

        private TooMany() {
            super("the client keeps sending what the hub has not asked for");
        }
    }
}
