package dev.ssehub.logging;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.tracing.TraceContext;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same records as text and as JSON. */
class LogFormatTest {
    private static final TraceContext TRACE = new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true);

    private record Ended(DisconnectReason reason, InetAddress address, Optional<String> subject, List<String> topics,
            @Nullable String lastId, long delivered, Duration age, boolean live, Map<String, String> more) {}

    private final LogRecord event = event(Level.INFO, "a stream was cut off");

    private static LogRecord event(Level level, String message, Object... parameters) {
        LogRecord event = new LogRecord(level, message);
        event.setLoggerName("dev.ssehub.A");
        event.setInstant(Instant.parse("2026-11-29T03:00:00.120Z"));
        event.setParameters(parameters);
        return event;
    }

    private static JsonObject json(LogRecord event) {
        return JsonParser.create(LogFormat.JSON.line(event, 0)).readJsonObject();
    }

    @Test
    void namesTheFieldsOfAnEvent() {
        event.setParameters(
                new Object[]{new Ended(DisconnectReason.TOO_SLOW, InetAddress.ofLiteral("192.0.2.7"), Optional.of("a \"b\""),
                        List.of("chat", "/orders/{id}"), null, 12, Duration.ofMillis(61_500), true,
                        new TreeMap<>(Map.of("k", "v w", "l", "m")))});

        assertThat(LogFormat.TEXT.line(event, 3))
                .endsWith(" INFO dev.ssehub.A: a stream was cut off (and 3 more like this since it was "
                        + "last logged) reason=too-slow address=192.0.2.7 subject=\"a \\\"b\\\"\" topics=[chat,\"/orders/{id}\"] delivered=12 "
                        + "age=61.5 live=true more={k=\"v w\" l=m}");
        assertThat(LogFormat.JSON.line(event, 0)).isEqualTo("""
                {"time":"2026-11-29T03:00:00.120Z","level":"INFO","logger":"dev.ssehub.A","message":"a stream was cut off",\
                "reason":"too-slow","address":"192.0.2.7","subject":"a \\"b\\"","topics":["chat","/orders/{id}"],"delivered":12,\
                "age":61.5,"live":true,"more":{"k":"v w","l":"m"}}""");
    }

    @Test
    void endsTheLineOfARequestWithItsTrace() {
        ScopedValue.where(TraceContext.CURRENT, TRACE).run(() -> {
            assertThat(LogFormat.TEXT.line(event, 0)).endsWith(
                    ": a stream was cut off trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7");
            assertThat(json(event).stringValue("trace_id")).hasValue(TRACE.traceId());
            assertThat(json(event).stringValue("span_id")).hasValue(TRACE.spanId());
        });
        assertThat(LogFormat.TEXT.line(event, 0)).endsWith(": a stream was cut off");
    }

    @ParameterizedTest
    @CsvSource({"SEVERE, ERROR", "WARNING, WARNING", "INFO, INFO", "CONFIG, DEBUG", "FINE, DEBUG", "FINER, TRACE",
            "FINEST, TRACE",
            "OFF, ERROR"})
    void namesLevelsAsTheConfigurationDoes(String level, String name) {
        LogRecord line = event(Level.parse(level), "x");
        assertThat(json(line).stringValue("level")).hasValue(name);
        assertThat(LogFormat.TEXT.line(line, 0)).contains(" " + name + " dev.ssehub.A: x");
    }

    @Test
    void hasAnExceptionAsAField() {
        event.setThrown(new IllegalStateException("a \"quote\"\n", new IOException("cause")));

        assertThat(json(event).stringValue("message")).hasValue("a stream was cut off");
        assertThat(json(event).stringValue("exception").orElseThrow())
                .startsWith(
                        "java.lang.IllegalStateException: a \"quote\" , caused by java.io.IOException: cause, at dev.ssehub.logging.");
    }

    /** Every character up to U+3000 and half of a pair: the line is one line, and a parser reads it. */
    @Test
    void isOneLineOfValidJsonForAnyText() {
        String all = IntStream.range(0, 0x3000).mapToObj(c -> String.valueOf((char) c)).reduce("", String::concat);
        for (String text : List.of(all.substring(0, 3000), all.substring(3000, 6000), all.substring(6000, 9000),
                all.substring(9000),
                "\ud800", "\udc00x", "\ud83d\ude00")) {
            LogRecord line = event(Level.INFO, text);
            String json = LogFormat.JSON.line(line, 0);
            assertThat(json.chars()).noneMatch(c -> c < ' ' || c == 0x85 || c == 0x2028 || c == 0x2029);
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            String read = JsonParser.create(bytes).readJsonObject().stringValue("message").orElseThrow();
            assertThat(read.codePoints().filter(c -> c > ' ' && c < 0x7f).toArray())
                    .isEqualTo(text.codePoints().filter(c -> c > ' ' && c < 0x7f).toArray());
        }
    }

    @Test
    void cutsWhatIsTooLong() {
        record Long(String text, List<Integer> items) {}
        event.setMessage("x".repeat(100_000));
        event.setParameters(new Object[]{new Long("y".repeat(100_000), IntStream.range(0, 500).boxed().toList())});
        assertThat(LogFormat.JSON.line(event, 0)).hasSizeLessThan(5000).endsWith(",\"18\",\"19\",\"and 480 more\"]}");
        assertThat(LogFormat.TEXT.line(event, 0)).hasSizeLessThan(5000).endsWith(",18,19,\"and 480 more\"]");
    }
}
