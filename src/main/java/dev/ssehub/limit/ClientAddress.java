package dev.ssehub.limit;

import module java.base;

/** The address of a client, without a host name. If a request comes through trusted proxies, they report the address. */
public record ClientAddress(InetAddress address) {
    /** Only the last characters of X-Forwarded-For are read, because the nearest proxy appends its entry at the end. */
    private static final int MAX_FORWARDED_FOR = 1024;
    private static final int NETWORK_BYTES = 8;

    private static final String NUMBER = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String V4 = NUMBER + "(?:\\." + NUMBER + "){3}";
    private static final String V6 = "[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:" + V4 + ")?";
    private static final Pattern ENTRY = Pattern.compile("(" + V4 + "|\\[" + V6 + "])(?::[0-9]{1,5})?|" + V6);

    /**
     * Returns the client of a request: the peer, or the client that the peer reports if the peer is a trusted proxy.
     *
     * @param forwardedFor the lines of {@code X-Forwarded-For}; each proxy appends the address of its own peer
     */
    static ClientAddress of(InetAddress peer, List<String> forwardedFor, List<AddressRange> proxies) {
        InetAddress client = peer;
        List<String> entries = !forwardedFor.isEmpty() && AddressRange.anyContains(proxies, peer)
                ? entries(forwardedFor)
                : List.of();
        for (String entry : entries.reversed()) {
            Optional<InetAddress> previous = parse(entry.strip());
            if (previous.isEmpty()) {
                break;
            }
            client = previous.get();
            if (!AddressRange.anyContains(proxies, client)) {
                break;
            }
        }
        return new ClientAddress(client);
    }

    private static List<String> entries(List<String> lines) {
        String all = String.join(",", lines);
        if (all.length() > MAX_FORWARDED_FOR) {
            String end = all.substring(all.length() - MAX_FORWARDED_FOR);
            all = end.substring(end.indexOf(',') + 1); // skip a truncated entry, which could be a different valid address
        }
        return Arrays.asList(all.split(",", -1));
    }

    private static Optional<InetAddress> parse(String entry) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(Objects.requireNonNullElse(matcher.group(1), entry)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the pattern also matches invalid IPv6 addresses
        }
    }

    /** Returns the address by which clients are counted. For IPv6 it is the /64 network, because each client has one (RFC 6177). */
    public ClientAddress network() {
        if (!(address instanceof Inet6Address)) {
            return this;
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), 2 * NETWORK_BYTES);
        try {
            return new ClientAddress(InetAddress.getByAddress(network));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only thrown for a wrong number of bytes
        }
    }

    /** Returns a {@link #network} as text. */
    String text() {
        return address.getHostAddress() + (address instanceof Inet6Address ? "/64" : "");
    }
}
