package dev.ssehub.tracing;

import module java.base;
import static java.util.stream.Collectors.toMap;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A collector of traces: takes spans by OTLP over HTTP, and reads them without the library that has written them. */
public final class Collector implements AutoCloseable {
    /** Numbers of {@code SpanKind} and {@code StatusCode} in OTLP. */
    public static final long SERVER = 2;
    public static final long ERROR = 2;

    /** A span. What is not there is empty or 0. Attributes are texts or numbers. */
    public record Span(Map<String, Object> resource, String scope, String traceId, String id, String parentId, String name,
            long kind, Duration duration, Map<String, Object> attributes, long status, String description) {}

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private volatile int status = 200;

    public Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Answers with this status from now on. */
    public void answer(int status) {
        this.status = status;
    }

    /** Returns the spans that were taken, in the order in which they ended. */
    public List<Span> spans() {
        return spans;
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean known = exchange.getRequestURI().getPath().equals("/v1/traces")
                && "application/x-protobuf".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (known && status == 200) {
            read(new Protobuf(body));
        }
        exchange.sendResponseHeaders(known ? status : 404, -1);
        exchange.close();
    }

    /** The numbers are those of {@code opentelemetry/proto/collector/trace/v1} and {@code opentelemetry/proto/trace/v1}. */
    private void read(Protobuf request) {
        for (Protobuf resource : request.messages(1)) {
            Map<String, Object> about = attributes(resource.messages(1).getFirst(), 1);
            for (Protobuf scope : resource.messages(2)) {
                String library = scope.messages(1).getFirst().text(1);
                scope.messages(2).forEach(span -> spans.add(span(about, library, span)));
            }
        }
    }

    private static Span span(Map<String, Object> resource, String scope, Protobuf span) {
        Protobuf status = span.messages(15).stream().findFirst().orElse(new Protobuf(new byte[0]));
        return new Span(resource, scope, span.hex(1), span.hex(2), span.hex(4), span.text(5), span.number(6),
                Duration.ofNanos(span.number(8) - span.number(7)), attributes(span, 9), status.number(3), status.text(2));
    }

    private static Map<String, Object> attributes(Protobuf message, int field) {
        return message.messages(field).stream().collect(toMap(pair -> pair.text(1), pair -> {
            Protobuf value = pair.messages(2).getFirst();
            return value.text(1).isEmpty() ? value.number(3) : value.text(1);
        }));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
