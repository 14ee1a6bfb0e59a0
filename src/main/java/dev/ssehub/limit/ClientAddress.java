package dev.ssehub.limit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a client. For a request that comes through trusted proxies, it is the address that they name.
 *
 * @param address the address, never looked up in DNS
 */
public record ClientAddress(InetAddress address) {

    /** Only the last characters of X-Forwarded-For are read: the nearest proxy appends there. */
    private static final int MAX_FORWARDED_FOR = 1024;
    private static final int NETWORK_BYTES = 8;

    private static final String NUMBER = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String V4 = NUMBER + "(?:\\." + NUMBER + "){3}";
    private static final String V6 = "[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:" + V4 + ")?";
    private static final Pattern ENTRY = Pattern
            .compile("(" + V4 + ")(?::[0-9]{1,5})?|(" + V6 + ")|\\[(" + V6 + ")](?::[0-9]{1,5})?");

    /**
     * Returns the client for which a peer makes a request: the peer itself, or the client that it names if it is a trusted proxy.
     *
     * @param forwardedFor the lines of {@code X-Forwarded-For}; each proxy has appended the address that it got the request from
     */
    static ClientAddress of(InetAddress peer, List<String> forwardedFor, List<AddressRange> proxies) {
        InetAddress client = peer;
        List<String> entries = isOneOf(proxies, peer) ? entries(forwardedFor) : List.of();
        for (String entry : entries.reversed()) {
            Optional<InetAddress> previous = parse(entry.strip());
            if (previous.isEmpty()) {
                break;
            }
            client = previous.get();
            if (!isOneOf(proxies, client)) {
                break;
            }
        }
        return new ClientAddress(client);
    }

    static boolean isOneOf(List<AddressRange> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    private static List<String> entries(List<String> lines) {
        String all = String.join(",", lines);
        if (all.length() > MAX_FORWARDED_FOR) {
            String end = all.substring(all.length() - MAX_FORWARDED_FOR);
            all = end.substring(end.indexOf(',') + 1); // part of an address could be another address
        }
        return Arrays.asList(all.split(",", -1));
    }

    private static Optional<InetAddress> parse(String entry) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String literal = matcher.group(1) != null
                ? matcher.group(1)
                : matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
        try {
            return Optional.of(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the pattern for IPv6 is too wide
        }
    }

    /** Returns what clients are counted by: the address, or its network for IPv6, where each client has one (RFC 6177). */
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

    /** Returns the address as operators write it. */
    String text() {
        return address.getHostAddress() + (address instanceof Inet6Address ? "/64" : "");
    }
}
