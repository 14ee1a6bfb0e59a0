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
 * Where a request comes from, if need be as trusted proxies tell it.
 *
 * @param address of the client; never looked up in DNS
 */
public record ClientAddress(InetAddress address) {

    /** So much of what proxies tell is looked at, from its end: the nearest proxy adds there. */
    private static final int MOST_TOLD = 1024;
    private static final int NETWORK_BYTES = 8;

    private static final String NUMBER = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String V4 = NUMBER + "(?:\\." + NUMBER + "){3}";
    private static final String V6 = "[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:" + V4 + ")?";
    private static final Pattern ENTRY = Pattern
            .compile("(" + V4 + ")(?::[0-9]{1,5})?|(" + V6 + ")|\\[(" + V6 + ")](?::[0-9]{1,5})?");

    /**
     * The client of whom this peer asks for: itself, unless it is a trusted proxy that names another one.
     *
     * @param forwardedFor the lines of {@code X-Forwarded-For}, in their order; each proxy has added at the end from whom it had
     *     the request
     */
    static ClientAddress of(InetAddress peer, List<String> forwardedFor, List<AddressRange> proxies) {
        InetAddress client = peer;
        List<String> told = isOneOf(proxies, peer) ? entries(forwardedFor) : List.of();
        for (String entry : told.reversed()) {
            Optional<InetAddress> before = parse(entry.strip());
            if (before.isEmpty()) {
                break;
            }
            client = before.get();
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
        if (all.length() > MOST_TOLD) {
            String end = all.substring(all.length() - MOST_TOLD);
            all = end.substring(end.indexOf(',') + 1); // half an address could be another one
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
            return Optional.empty(); // not every row of digits and colons is an address
        }
    }

    /** By what clients are counted: the address, or for IPv6 its network, for each client has one (RFC 6177). */
    public ClientAddress network() {
        if (!(address instanceof Inet6Address)) {
            return this;
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), 2 * NETWORK_BYTES);
        try {
            return new ClientAddress(InetAddress.getByAddress(network));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for another number of bytes
        }
    }

    /** As an operator writes it. */
    String text() {
        return address.getHostAddress() + (address instanceof Inet6Address ? "/64" : "");
    }
}
