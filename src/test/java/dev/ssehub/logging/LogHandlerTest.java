package dev.ssehub.logging;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.Token;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class LogHandlerTest {
    private static final String FAULT = "the hub is broken";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong();
    private final LogHandler handler = new LogHandler(new PrintStream(out), now::get);

    private List<String> lines() {
        return out.toString(UTF_8).lines().toList();
    }

    private void log(String logger, String message, Throwable thrown) {
        LogRecord line = new LogRecord(Level.WARNING, message);
        line.setLoggerName(logger);
        line.setThrown(thrown);
        handler.publish(line);
    }

    private static final class Broken implements Authorizer {
        @Override
        public Grant anonymous() {
            throw new IllegalStateException(FAULT, new IOException("first\ncause"));
        }

        @Override
        public Authorizer withAnonymous(Grant another) {
            return this;
        }

        @Override
        public Token publisher(String text) {
            throw new StackOverflowError(FAULT);
        }

        @Override
        public Token subscriber(String text) {
            return subscriber(text); // until the stack is full
        }

        @Override
        public boolean takesTokens() {
            return true;
        }
    }

    /** Each fault of the hub is one line, however often it is requested, and the line says where the fault is. */
    @Test
    void aRequestThatTheHubFailsAtIsOneLine() throws Exception {
        Logger root = Logger.getLogger("");
        Handler[] others = root.getHandlers();
        Stream.of(others).forEach(root::removeHandler);
        root.addHandler(handler);
        Hub hub = TestHub.create();
        try (HubServer server = HubServer.start(new TestSettings().build(), hub, new Broken(), new Meters())) {
            for (int i = 0; i < 50; i++) {
                assertThat(status(server, "")).isEqualTo("HTTP/1.1 500 Internal Server Error");
                assertThat(status(server, "Authorization: Bearer x\r\n")).isEqualTo("HTTP/1.1 500 Internal Server Error");
            }
            now.addAndGet(Duration.ofMinutes(1).toNanos());
            status(server, "");
        } finally {
            hub.close();
            root.removeHandler(handler);
            Stream.of(others).forEach(root::addHandler);
        }

        assertThat(lines()).hasSize(3).allSatisfy(line -> assertThat(line).hasSizeLessThan(2000));
        assertThat(lines().getFirst()).contains(" WARNING ", "java.lang.IllegalStateException: " + FAULT,
                "caused by java.io.IOException: first cause, at dev.ssehub.logging.LogHandlerTest$Broken.anonymous(LogHandlerTest.java:",
                " < dev.ssehub.access.Access.client(Access.java:");
        assertThat(lines().get(1)).contains("caused by java.lang.StackOverflowError",
                "dev.ssehub.logging.LogHandlerTest$Broken.subscriber(LogHandlerTest.java:");
        assertThat(lines().getLast()).contains(" (and 49 more like this since it was last logged)", FAULT);
    }

    private static String status(HubServer server, String header) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.getOutputStream()
                    .write(("GET /sse HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + header + "\r\n").getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1).lines().findFirst().orElse("");
        }
    }

    @Test
    void aFaultDoesNotHideAnother() {
        for (int i = 0; i < 10; i++) {
            log("a", "x", new IllegalStateException());
            log("a", "x", new IllegalArgumentException());
            log("a", "x", new IllegalStateException());
            log("b", "x", new IllegalStateException("text " + i));
            log("io.helidon.a", "request " + i, null);
            log("io.helidon.b", "request " + i, null);
        }
        assertThat(lines()).hasSize(6);
    }

    @Test
    void theHubsOwnMessagesAreAllWritten() {
        for (int i = 0; i < 10; i++) {
            log("dev.ssehub.A", "message", null);
        }
        assertThat(lines()).hasSize(10).allSatisfy(line -> assertThat(line).matches("\\S+ WARNING dev\\.ssehub\\.A: message"));
    }

    @Test
    void aLineCannotBeginAnotherNorControlATerminal() {
        log("a", "caf\u00e9\r\n\u2028\u0085\u001b[31m x", new IllegalStateException("a\nb".repeat(10_000)));
        assertThat(lines()).singleElement().asString().hasSizeLessThan(4200).contains("caf\u00e9     [31m x", "a ba b");
    }

    @Test
    void anExceptionWithStrangeCausesOrWithoutAPlaceIsWritten() {
        Exception circle = new Exception("circle");
        circle.initCause(new Exception("other", circle));
        log("a", "x", circle);
        Exception noPlace = new Exception("no place");
        noPlace.setStackTrace(new StackTraceElement[0]);
        log("a", "x", noPlace);
        assertThat(lines()).hasSize(2).last().asString().endsWith("x: java.lang.Exception: no place");
    }
}
