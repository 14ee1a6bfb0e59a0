package dev.ssehub.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Where requests go.
 *
 * @param url a URL, in which {@code {topic}} stands for the number of a topic
 * @param addresses what its host resolves to
 */
public record Target(String url, List<InetSocketAddress> addresses) {

    private static final String TOPIC = "{topic}";
    private static final int DEFAULT_PORT = 80;
    private static final int PATIENCE_MILLIS = 3_000;

    /**
     * Resolves the host; connects to nothing.
     *
     * @param remote whether hosts other than this one are allowed
     * @throws IllegalArgumentException if the URL is not one, or not one that is allowed; the message says why
     * @throws UnknownHostException if its host is unknown; the message says so
     */
    static Target of(String url, boolean remote) throws UnknownHostException {
        URI uri = uri(url, 0);
        if ("https".equalsIgnoreCase(uri.getScheme())) {
            throw new IllegalArgumentException("bench speaks http only, not https: " + url);
        }
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("'" + url + "' is not a URL such as http://localhost:8080/sse?topic=chat");
        }
        int port = uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort();
        InetAddress[] all;
        try {
            all = InetAddress.getAllByName(uri.getHost());
        } catch (UnknownHostException e) {
            throw (UnknownHostException) new UnknownHostException("unknown host: " + uri.getHost()).initCause(e);
        }
        for (InetAddress address : all) {
            if (!remote && !address.isLoopbackAddress()) {
                throw new IllegalArgumentException(uri.getHost() + " is not a loopback address of this machine"
                        + (uri.getHost().contains(address.getHostAddress()) ? "" : ", but " + address.getHostAddress())
                        + "; --remote allows others");
            }
        }
        return new Target(url, Arrays.stream(all).map(address -> new InetSocketAddress(address, port)).toList());
    }

    /** Whether it is another one for each topic. */
    boolean hasTopic() {
        return url.contains(TOPIC);
    }

    /** Puts the number of a topic in its place. */
    public static String withTopic(String text, int topic) {
        return text.replace(TOPIC, Integer.toString(topic));
    }

    /**
     * The first of its addresses that accepts a connection.
     *
     * @throws IOException if none does; the message says why
     */
    InetSocketAddress reach() throws IOException {
        IOException last = new IOException("no address");
        for (InetSocketAddress address : addresses) {
            try (Socket trial = new Socket()) {
                trial.connect(address, PATIENCE_MILLIS);
                return address;
            } catch (IOException e) {
                last = e;
            }
        }
        throw new IOException("nobody answers at " + url + ": " + last.getMessage(), last);
    }

    /** The request line and these headers; the empty line after them is left to the caller. */
    public String head(String method, int topic, Map<String, String> headers) {
        URI uri = uri(url, topic);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        StringBuilder head = new StringBuilder(method + " " + path);
        if (uri.getRawQuery() != null) {
            head.append('?').append(uri.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(uri.getHost());
        if (uri.getPort() != -1) {
            head.append(':').append(uri.getPort());
        }
        head.append("\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.toString();
    }

    private static URI uri(String url, int topic) {
        try {
            // the braces of URI templates are no characters of a URL, but what people have at hand
            return new URI(withTopic(url, topic).replace("{", "%7B").replace("}", "%7D"));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + url + "' is not a URL: " + e.getReason(), e);
        }
    }
}
