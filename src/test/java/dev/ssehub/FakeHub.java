package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;

/** Serves the static files of the hub and a worker, and answers {@code /sse} with the handler of a test. */
final class FakeHub implements AutoCloseable {
    /** A module worker, dedicated or shared: it subscribes to what the first message says, and answers with the events' data. */
    private static final String WORKER = """
            import { connect } from '/static/sse-hub.js';
            const serve = (port) => {
              let hub = null;
              port.onmessage = ({ data: { url, topic, call } }) => {
                if (call) {
                  hub[call]();
                  return;
                }
                hub = connect(url);
                hub.addEventListener('state', () => port.postMessage({ state: { ...hub.state } }));
                hub.subscribe(topic, (event) => port.postMessage({ data: event.data }),
                    { onerror: (error) => port.postMessage({ error: error.message }) })
                    .ready.then(() => port.postMessage({ ready: true }));
              };
            };
            if ('onconnect' in self) {
              self.onconnect = ({ ports: [port] }) => serve(port);
            } else {
              serve(self);
            }
            """;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    FakeHub(HttpHandler hub) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/sse", hub);
        server.createContext("/static/", exchange -> {
            try (InputStream file = FakeHub.class.getResourceAsStream(exchange.getRequestURI().getPath())) {
                script(exchange, file.readAllBytes());
            }
        });
        server.createContext("/worker.js", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            script(exchange, (query == null ? WORKER : query.substring("text=".length())).getBytes(UTF_8));
        });
        server.createContext("/empty", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** Answers as the hub itself does: with its mark. */
    static void mark(HttpExchange exchange) {
        exchange.getResponseHeaders().set("Sse-Hub", "1");
    }

    /** Sends the headers of a stream, with this heartbeat interval in seconds. */
    static void begin(HttpExchange exchange, String heartbeat) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().set("Heartbeat-Interval", heartbeat);
        exchange.sendResponseHeaders(200, 0);
    }

    static void write(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseBody().write(text.getBytes(UTF_8));
        exchange.getResponseBody().flush();
    }

    /** Sends a whole answer. */
    static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, text.isEmpty() ? -1 : text.length());
        write(exchange, text);
        exchange.close();
    }

    /** Answers requests for the history alone with an empty history, and passes on all others. */
    static HttpHandler withoutHistory(HttpHandler live) {
        return exchange -> {
            if (!String.valueOf(exchange.getRequestURI().getQuery()).contains("live=false")) {
                live.handle(exchange);
                return;
            }
            begin(exchange, "15");
            write(exchange, "id: 1-0\n: fake\n\n: end\n\n");
            exchange.close();
        };
    }

    private static void script(HttpExchange exchange, byte[] text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/javascript");
        exchange.sendResponseHeaders(200, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
