package dev.ssehub.relay;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server of an event stream that remembers its events, which have the ids 1, 2, ... It can be stopped and started again, and cut its
 * connections anywhere.
 */
public final class EventServer implements AutoCloseable {
    private static final Pattern LAST_EVENT_ID = Pattern.compile("(?im)^last-event-id: *(\\d+)");

    private final List<String> blocks = new ArrayList<>();
    private final Queue<String> answers = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile IntSupplier bytesUntilCut = () -> Integer.MAX_VALUE;
    private volatile ServerSocket listener;
    private volatile Thread acceptor;
    private final int port;

    public EventServer() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        port = listener.getLocalPort();
        accept(listener);
    }

    public String url() {
        return "http://127.0.0.1:" + port + "/events";
    }

    /** Adds an event, whose fields may have any number of lines. */
    public void add(String fields) {
        synchronized (blocks) {
            blocks.add("id: " + (blocks.size() + 1) + "\n" + fields + "\n\n");
            blocks.notifyAll();
        }
    }

    /** Adds a block as it is. */
    void addRaw(String block) {
        synchronized (blocks) {
            blocks.add(block);
            blocks.notifyAll();
        }
    }

    /** Answers the next request with this text instead of the stream, and closes the connection. */
    void answer(String text) {
        answers.add(text);
    }

    /** From now on, each connection ends after a number of bytes. */
    void cutAfter(IntSupplier bytes) {
        bytesUntilCut = bytes;
    }

    /** Returns the head of the next request. */
    public String nextRequest() throws InterruptedException {
        String head = requests.poll(20, TimeUnit.SECONDS);
        assertThat(head).as("a request").isNotNull();
        return head;
    }

    /** Returns the number of requests whose head was not yet taken. */
    int requests() {
        return requests.size();
    }

    public void cut() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** Refuses connections until the next start. */
    public void stop() throws IOException {
        listener.close();
        try {
            acceptor.join(); // until then, the system still accepts connections
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        cut();
    }

    public void startAgain() throws IOException {
        ServerSocket next = new ServerSocket();
        next.setReuseAddress(true);
        next.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listener = next;
        accept(next);
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    private void accept(ServerSocket server) {
        acceptor = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException _) {
                // stopped
            }
        });
    }

    private void serve(Socket socket) {
        try (socket) {
            String head = head(socket.getInputStream());
            requests.add(head);
            String answer = answers.poll();
            if (answer != null) {
                socket.getOutputStream().write(answer.getBytes(UTF_8));
                return;
            }
            Matcher id = LAST_EVENT_ID.matcher(head);
            send(socket, id.find() ? Integer.parseInt(id.group(1)) : 0);
        } catch (IOException | InterruptedException _) {
            // the connection was cut
        } finally {
            sockets.remove(socket);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException();
            }
            head.append((char) c);
        }
        return head.toString();
    }

    private void send(Socket socket, int from) throws IOException, InterruptedException {
        int left = bytesUntilCut.getAsInt();
        OutputStream out = socket.getOutputStream();
        byte[] next = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\nretry: 1\n\n"
                .getBytes(UTF_8);
        for (int i = from; left > 0; i++) {
            out.write(next, 0, Math.min(left, next.length));
            left -= next.length;
            synchronized (blocks) {
                while (blocks.size() <= i && !socket.isClosed()) {
                    blocks.wait(100);
                }
                if (socket.isClosed()) {
                    return;
                }
                next = blocks.get(i).getBytes(UTF_8);
            }
        }
    }
}
