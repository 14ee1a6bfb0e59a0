package dev.ssehub.subscriber;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * When and by whom a stream was opened.
 *
 * @param id distinguishes the stream from all others, also from those before a restart
 * @param time when it was opened
 */
public record Opening(long id, Instant time, Client client) {
    private static final int ID_BITS = 48;

    /**
     * Who opens a stream.
     *
     * @param address the address, as far as trusted proxies report it; {@code null} if the stream has no connection
     * @param subject the subject of the token, if it has one
     */
    public record Client(@Nullable InetAddress address, @Nullable String subject) {
        /** A client of which nothing is known. */
        public static final Client UNKNOWN = new Client(null, null);
    }

    /** Creates an opening with a new id. */
    static Opening of(Client client, Instant now) {
        return new Opening(ThreadLocalRandom.current().nextLong(1L << ID_BITS), now, client);
    }

    /** Returns the id as text. */
    public String idText() {
        return HexFormat.of().toHexDigits(id, ID_BITS / 4);
    }
}
