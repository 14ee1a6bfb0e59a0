package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/** A request to publish whose body is an event stream, sent in chunks. */
final class BodyPublisher implements AutoCloseable {
    private final Socket socket;

    /** @param headerLines further headers */
    BodyPublisher(int port, String query, String... headerLines) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        StringBuilder head = new StringBuilder("POST /sse?" + query + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        socket.getOutputStream().write(head.append("\r\n").toString().getBytes(UTF_8));
    }

    /** Sends a chunk. */
    void send(String text) throws IOException {
        send(text.getBytes(UTF_8));
    }

    /** Sends a chunk. */
    void send(byte[] bytes) throws IOException {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
        chunk.writeBytes(bytes);
        chunk.writeBytes("\r\n".getBytes(UTF_8));
        socket.getOutputStream().write(chunk.toByteArray());
    }

    /** Sends the last chunk, which ends the body. */
    void complete() throws IOException {
        socket.getOutputStream().write("0\r\n\r\n".getBytes(UTF_8));
    }

    /** Ends the body and returns the answer. */
    String end() throws IOException {
        complete();
        return answer();
    }

    /** Returns the status line and the body of the answer. Fails if the connection has ended before. */
    String answer() throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        String status = line(reader);
        int length = 0;
        for (String line = line(reader); !line.isEmpty(); line = line(reader)) {
            length = line.toLowerCase(Locale.ROOT).startsWith("content-length: ") ? Integer.parseInt(line.substring(16)) : length;
        }
        char[] body = new char[length];
        for (int read = 0; read < length;) {
            read += reader.read(body, read, length - read);
        }
        return status + "\n" + new String(body);
    }

    private static String line(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        if (line == null) {
            throw new EOFException("the connection has ended");
        }
        return line;
    }

    /** Returns whether the server closes the connection after the answer. Waits for it. */
    boolean closes() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    /** Returns the next byte of the answer, or -1 after the end of the connection. */
    int read() throws IOException {
        return socket.getInputStream().read();
    }

    /** Closes the connection with a reset, as a killed machine does. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
