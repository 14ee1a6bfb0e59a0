package dev.ssehub.bench;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.awaitility.Awaitility;

/**
 * An SSE server made by hand, with the faults that a script gives it: what a POST makes it send to the streams, and what it answers.
 */
final class ScriptedServer implements AutoCloseable {

    static final String STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** What happens when an event is published: the n-th request, its path and body. */
    @FunctionalInterface
    interface Script {
        /** Returns the answer; an empty one closes the connection. */
        String publish(ScriptedServer server, int number, String path, String data) throws Exception;
    }

    /** A stream that is open. */
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

    /** The n-th stream begins with the n-th of these heads; the last is for all others. */
    ScriptedServer(Script script, String... streamHeads) throws IOException {
        this.script = script;
        this.streamHeads = List.of(streamHeads);
        acceptor.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** The heads of all requests. */
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
                    streams.add(new Stream(path, out, socket)); // before the client knows
                    out.write(answer.getBytes(UTF_8));
                } else {
                    String answer = published(path, new String(body));
                    if (answer.isEmpty()) {
                        end(socket, in);
                        return;
                    }
                    out.write(answer.getBytes(UTF_8));
                }
            }
        } catch (IOException e) {
            // the client has left
        }
    }

    /** With something unread the connection would be reset, and answers to requests before be lost. */
    private static void end(Socket socket, BufferedReader in) throws IOException {
        socket.shutdownOutput();
        while (in.read() >= 0) {
            // until the client has ended it, too
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
