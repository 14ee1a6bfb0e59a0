package dev.ssehub.limit;

import module java.base;

/** The addresses that share a prefix of {@code bits} bits (CIDR, RFC 4632). The lowest of them is {@code first}. */
public record AddressRange(InetAddress first, int bits) {
    /**
     * Parses an address, or a range such as {@code 10.0.0.0/8} or {@code fd00::/8}.
     *
     * @throws IllegalArgumentException if the text is neither. Host names are not resolved.
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = InetAddress.ofLiteral(literal);
        if (!literal.contains(":") && !literal.equals(address.getHostAddress())) {
            throw new IllegalArgumentException(text + ": an IPv4 address must have four numbers"); // 10.1 would be 10.0.0.1
        }
        int length = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? length : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > length) {
            throw new IllegalArgumentException(text + ": the prefix must have 0 to " + length + " bits");
        }
        BigInteger value = new BigInteger(1, address.getAddress());
        if (value.signum() > 0 && value.getLowestSetBit() < length - bits) {
            throw new IllegalArgumentException(text + ": the bits after the prefix must be 0");
        }
        return new AddressRange(address, bits);
    }

    static boolean anyContains(List<AddressRange> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** Returns whether this range contains an address. An IPv6 range contains no IPv4 address. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == first.getAddress().length && prefix(bytes).equals(prefix(first.getAddress()));
    }

    private BigInteger prefix(byte[] address) {
        return new BigInteger(1, address).shiftRight(address.length * Byte.SIZE - bits);
    }
}
