package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * The address of Redis: {@code redis://user:password@host:6379/0}, or {@code rediss://} with TLS. It can name several servers, with
 * commas.
 *
 * @param tls whether connections are encrypted
 * @param user the ACL user; empty for the default user
 * @param addresses the addresses, at least one
 * @param database the number of the database
 */
public record RedisUri(boolean tls, Optional<String> user, Optional<String> password, List<Address> addresses, int database) {
    private static final Pattern URI = Pattern
            .compile("(rediss?)://(?:(?<user>[^:]*?)(?::(?<password>.*))?@)?(?<addresses>[^@/?#]+)"
                    + "(?:/(?<database>\\d{0,5}))?");
    private static final Pattern ADDRESS = Pattern.compile("(?:([A-Za-z0-9._-]+)|\\[([0-9A-Fa-f:.]+)])(?::(\\d{1,5}))?");
    private static final int HIGHEST_PORT = 65_535;

    /** The address of a server. The host is a name or an address, without brackets. */
    public record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * Reads an address.
     *
     * @param defaultPort the port of each server that names none
     * @throws IllegalArgumentException if it is not the address of a Redis
     */
    public static RedisUri parse(String text, int defaultPort) {
        Matcher matcher = URI.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an address of Redis");
        }
        List<Address> addresses = Stream.of(matcher.group("addresses").split(",", -1))
                .map(address -> address(address.strip(), defaultPort)).toList();
        String database = Objects.requireNonNullElse(matcher.group("database"), "");
        return new RedisUri(matcher.group(1).equals("rediss"), decoded(matcher.group("user")), decoded(matcher.group("password")),
                addresses, database.isEmpty() ? 0 : Integer.parseInt(database));
    }

    private static Address address(String text, int defaultPort) {
        Matcher matcher = ADDRESS.matcher(text);
        int port = matcher.matches() && matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : defaultPort;
        if (!matcher.matches() || port < 1 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("not the address of a server");
        }
        return new Address(matcher.group(matcher.group(1) != null ? 1 : 2), port);
    }

    /** @throws IllegalArgumentException if a % is not followed by two digits */
    private static Optional<String> decoded(@Nullable String text) {
        return Optional.ofNullable(text).filter(Predicate.not(String::isEmpty))
                .map(it -> URLDecoder.decode(it.replace("+", "%2B"), UTF_8));
    }

    /** Returns the address without the user and the password. */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + addresses.stream().map(Address::toString).collect(Collectors.joining(","))
                + (database > 0 ? "/" + database : "");
    }
}
