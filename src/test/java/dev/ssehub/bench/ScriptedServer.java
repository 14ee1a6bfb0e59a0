package dev.ssehub.bench;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.awaitility.Awaitility;

/** A simple SSE server. A script decides what it sends to the streams after each POST, and how it answers, mistakes included. */
final class ScriptedServer implements AutoCloseable {
    static final String STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Handles a published event; {@code number} counts the POST requests from 0. */
    @FunctionalInterface
    interface Script {
        /** Returns the answer to the POST. After an empty answer or {@code Connection: close}, the server ends the connection. */
        String publish(ScriptedServer server, int number, String path, String data) throws Exception;
    }

    /** An open stream. */
    record Stream(String request, OutputStream out, Socket socket) {
        void send(String text) throws IOException {
            out.write(text.getBytes(UTF_8));
            out.flush();
        }
    }

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final Script script;
    private final List<String> streamHeads;
    private final Thread acceptor = Thread.ofVirtual().name("scripted-server").unstarted(this::accept);

    /** @param streamHeads the answers with which the streams begin, in order; the last one is also for all further streams */
    ScriptedServer(Script script, String... streamHeads) throws IOException {
        this.script = script;
        this.streamHeads = List.of(streamHeads);
        acceptor.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** Returns the heads of all requests so far. */
    List<String> heads() {
        return heads;
    }

    List<Stream> streams() {
        return streams;
    }

    void sendToAll(String text) throws IOException {
        for (Stream stream : streams) {
            stream.send(text);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                StringBuilder head = new StringBuilder(line).append('\n');
                int length = 0;
                for (String header = in.readLine(); !header.isEmpty(); header = in.readLine()) {
                    head.append(header).append('\n');
                    length = header.startsWith("Content-Length: ") ? Integer.parseInt(header.substring(16)) : length;
                }
                char[] body = new char[length];
                for (int at = 0; at < length;) {
                    at += in.read(body, at, length - at);
                }
                heads.add(head.toString());
                String path = line.split(" ")[1];
                if (line.startsWith("GET ")) {
                    String answer = streamHeads.get(Math.min(asked.getAndIncrement(), streamHeads.size() - 1));
                    streams.add(new Stream(path, out, socket)); // before the client knows that it is connected
                    out.write(answer.getBytes(UTF_8));
                } else {
                    String answer = published(path, new String(body));
                    out.write(answer.getBytes(UTF_8));
                    if (answer.isEmpty() || answer.contains("Connection: close")) {
                        end(socket, in);
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // the client has closed the connection
        }
    }

    /** Reads everything, because unread bytes would reset the connection, and the client would lose earlier answers. */
    private static void end(Socket socket, BufferedReader in) throws IOException {
        socket.shutdownOutput();
        while (in.read() >= 0) {
            // until the client closes the connection, too
        }
    }

    private String published(String path, String data) throws IOException {
        try {
            return script.publish(this, published.getAndIncrement(), path, data);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("the script has failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Awaitility.await().until(() -> !acceptor.isAlive()); // until then, the port may still accept a connection
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
