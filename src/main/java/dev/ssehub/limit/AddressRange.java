package dev.ssehub.limit;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * Addresses that begin with the same bits (CIDR, RFC 4632).
 *
 * @param first the lowest of them
 * @param bits how many bits they share
 */
public record AddressRange(InetAddress first, int bits) {

    /**
     * Reads one address, or a range such as {@code 10.0.0.0/8} or {@code fd00::/8}.
     *
     * @throws IllegalArgumentException if it is none; names of hosts are none
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int length = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? length : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > length) {
            throw new IllegalArgumentException(text + " has no such prefix");
        }
        AddressRange range = new AddressRange(address, bits);
        if (slash >= 0 && !Arrays.equals(range.masked(address.getAddress()), address.getAddress())) {
            throw new IllegalArgumentException(text + " has bits behind its prefix");
        }
        return range;
    }

    /** Whether the address is one of these. An IPv4 address is none of an IPv6 range. */
    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == first.getAddress().length && Arrays.equals(masked(bytes), masked(first.getAddress()));
    }

    private byte[] masked(byte[] address) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(bits - (long) i * Byte.SIZE, 0, Byte.SIZE);
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }
}
