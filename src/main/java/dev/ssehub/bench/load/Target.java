package dev.ssehub.bench.load;

import module java.base;
import static java.util.stream.Collectors.joining;

/** The destination of requests: a URL, in which {@code {topic}} stands for the number of a topic, and the host's addresses. */
public record Target(String url, List<InetSocketAddress> addresses) {
    private static final String TOPIC = "{topic}";
    private static final int DEFAULT_PORT = 80;
    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;

    /**
     * Checks the URL and resolves its host. Does not connect.
     *
     * @param remote whether hosts other than this machine are allowed
     * @throws IllegalArgumentException if the URL is invalid or not allowed
     * @throws UnknownHostException if the host is unknown
     */
    public static Target of(String url, boolean remote) throws UnknownHostException {
        URI uri = uri(url, 0);
        if ("https".equalsIgnoreCase(uri.getScheme())) {
            throw new IllegalArgumentException("bench supports http only, not https: " + url);
        }
        String host = uri.getHost();
        if (!"http".equalsIgnoreCase(uri.getScheme()) || host == null) {
            throw new IllegalArgumentException("'" + url + "' is not a URL such as http://localhost:8080/sse?topic=chat");
        }
        List<InetSocketAddress> addresses = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!remote && !address.isLoopbackAddress()) {
                    String ip = address.getHostAddress();
                    throw new IllegalArgumentException(host + (host.contains(ip) ? "" : " (" + ip + ")")
                            + " is not a loopback address; use --remote to allow other hosts");
                }
                addresses.add(new InetSocketAddress(address, uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort()));
            }
        } catch (UnknownHostException e) {
            throw (UnknownHostException) new UnknownHostException("unknown host: " + host).initCause(e);
        }
        return new Target(url, List.copyOf(addresses));
    }

    boolean hasTopic() {
        return url.contains(TOPIC);
    }

    static String withTopic(String text, int topic) {
        return text.replace(TOPIC, Integer.toString(topic));
    }

    /** Returns the first address that accepts a connection, or throws an {@link IOException} that names the reason. */
    public InetSocketAddress reach() throws IOException {
        try (SocketChannel trial = connect()) {
            return (InetSocketAddress) trial.getRemoteAddress();
        }
    }

    /** Connects to the first address that accepts a connection. Only connecting blocks, at most three seconds per address. */
    SocketChannel connect() throws IOException {
        IOException last = new IOException("no address");
        for (InetSocketAddress address : addresses) {
            try {
                SocketChannel channel = SocketChannel.open();
                channel.socket().connect(address, CONNECT_TIMEOUT_MILLIS); // closes the channel if it fails
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
                return channel;
            } catch (IOException e) {
                last = e;
            }
        }
        throw new IOException("cannot connect to " + url + ": " + last.getMessage(), last);
    }

    /** Returns the request line and the headers, without the empty line that ends them. */
    String head(String method, int topic, Map<String, String> headers) {
        URI uri = uri(url, topic);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String port = uri.getPort() == -1 ? "" : ":" + uri.getPort();
        return method + " " + path + query + " HTTP/1.1\r\nHost: " + uri.getHost() + port + "\r\n"
                + headers.entrySet().stream().map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                        .collect(joining());
    }

    private static URI uri(String url, int topic) {
        try {
            // URI rejects braces, but users paste topics that are URI templates
            return new URI(withTopic(url, topic).replace("{", "%7B").replace("}", "%7D"));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + url + "' is not a URL: " + e.getReason(), e);
        }
    }
}
