package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client on a plain socket that reads an event stream: headers, chunks, frames. It asks for checkpoints, so the opening and the
 * heartbeats are frames.
 */
public final class SseClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Socket tcp = new Socket();
    private final Socket socket;
    private final InputStream in;
    private final String headers;
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    /** Sends a GET and reads the headers of the answer. */
    public SseClient(int port, String target, String... headerLines) throws IOException {
        this(Optional.empty(), port, 0, withCheckpoints(target), headerLines);
    }

    /** Sends a GET over TLS and reads the headers of the answer. */
    public SseClient(SSLContext tls, int port, String target, String... headerLines) throws IOException {
        this(Optional.of(tls), port, 0, withCheckpoints(target), headerLines);
    }

    private SseClient(Optional<SSLContext> tls, int port, int receiveBuffer, String target, String... headerLines)
            throws IOException {
        if (receiveBuffer > 0) {
            tcp.setReceiveBufferSize(receiveBuffer);
        }
        tcp.connect(new InetSocketAddress("localhost", port), (int) PATIENCE.toMillis());
        tcp.setSoTimeout((int) PATIENCE.toMillis());
        socket = tls.isPresent() ? tls.get().getSocketFactory().createSocket(tcp, "localhost", port, true) : tcp;
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String line : headerLines) {
            request.append(line).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
        in = new BufferedInputStream(socket.getInputStream());
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) readByte());
        }
        headers = head.toString();
    }

    /** Opens a stream and returns when it is registered, which its first frame shows. */
    public static SseClient opened(int port, String target) throws IOException {
        SseClient client = new SseClient(port, target);
        assertThat(client.nextFrame()).startsWith("retry: ");
        return client;
    }

    /** Opens a stream with a small receive window, which is soon full if the client does not read. */
    public static SseClient withSmallWindow(int port, String target) throws IOException {
        return withWindow(port, target, 32 * 1024);
    }

    static SseClient withWindow(int port, String target, int bytes) throws IOException {
        return new SseClient(Optional.empty(), port, bytes, withCheckpoints(target));
    }

    /** Sends a GET that does not ask for checkpoints. */
    static SseClient plain(int port, String target, String... headerLines) throws IOException {
        return new SseClient(Optional.empty(), port, 0, target, headerLines);
    }

    private static String withCheckpoints(String target) {
        return target + (target.contains("?") ? "&" : "?") + "checkpoints=true";
    }

    /** Opens a stream over TLS and returns when it is registered. */
    public static SseClient opened(SSLContext tls, int port, String target) throws IOException {
        SseClient client = new SseClient(tls, port, target);
        assertThat(client.nextFrame()).startsWith("retry: ");
        return client;
    }

    public static SseClient withSmallWindow(SSLContext tls, int port, String target) throws IOException {
        return new SseClient(Optional.of(tls), port, 32 * 1024, withCheckpoints(target));
    }

    public String headers() {
        return headers;
    }

    /** Returns the next frame without the empty line at its end. Fails if it is late, or the stream has ended. */
    public String nextFrame() throws IOException {
        while (text.indexOf("\n\n") < 0) {
            if (!readChunk()) {
                throw new EOFException("the stream has ended; left: " + text);
            }
        }
        int end = text.indexOf("\n\n");
        String frame = text.substring(0, end);
        text.delete(0, end + 2);
        return frame;
    }

    /** Returns the data of the next frame that has data. */
    public String nextData() throws IOException {
        while (true) {
            for (String line : nextFrame().split("\n")) {
                if (line.startsWith("data: ")) {
                    return line.substring(6);
                }
            }
        }
    }

    /** Reads to the end and returns whether it was proper: the last chunk, then the end of the connection. */
    public boolean endsProperly() throws IOException {
        while (!ended && readChunk()) {
            // read the next frame
        }
        return ended && in.read() < 0;
    }

    /** Reads to the end of the connection and returns whether it comes between two chunks, without a last chunk. */
    public boolean isCutBetweenChunks() throws IOException {
        while (true) {
            in.mark(1);
            if (in.read() < 0) {
                return true;
            }
            in.reset();
            if (!readChunk()) {
                return false;
            }
        }
    }

    /** Returns what was received after the last frame that was returned. */
    String rest() {
        return text.toString();
    }

    /** Waits until the server has closed or reset the connection, and discards what it sends before. */
    void awaitClosed() throws IOException {
        try {
            while (in.read() >= 0) {
                // read on to the end
            }
        } catch (SocketException | SSLException e) {
            // a reset, or an end without close_notify of TLS, is an end, too
        }
    }

    /** Closes the connection like a killed process. Unread data makes it a reset instead of a FIN. */
    void reset() throws IOException {
        tcp.setSoLinger(true, 0);
        tcp.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private boolean readChunk() throws IOException {
        int length = Integer.parseInt(readLine(), 16);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(length);
        for (int i = 0; i < length; i++) {
            chunk.write(readByte());
        }
        if (!readLine().isEmpty()) {
            throw new IOException("a chunk does not end where it should");
        }
        ended = length == 0;
        text.append(chunk.toString(UTF_8));
        return !ended;
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = readByte(); c != '\n'; c = readByte()) {
            line.append((char) c);
        }
        if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
            throw new IOException("a line of the chunked coding does not end with CRLF: " + line);
        }
        return line.substring(0, line.length() - 1);
    }

    private int readByte() throws IOException {
        int c = in.read();
        if (c < 0) {
            throw new EOFException("the connection was closed");
        }
        return c;
    }
}
