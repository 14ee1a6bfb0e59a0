package dev.ssehub.logging;

import module java.base;
import io.helidon.json.JsonObject;
import java.util.logging.LogRecord;

/** A log record as one JSON object in one line. Times are in UTC. */
final class JsonLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private JsonLine() {}

    /** @param leftOut how many records of the same kind were not written since the last one */
    static String of(LogRecord record, long leftOut) {
        JsonObject.Builder line = JsonObject.builder().set("time", TIME.format(record.getInstant()))
                .set("level", LogFields.level(record)).set("logger", String.valueOf(record.getLoggerName()))
                .set("message", LogFields.printable(LogFields.message(record, leftOut)));
        if (record.getThrown() != null) {
            line.set("exception", LogFields.printable(ThrownText.of(record.getThrown())));
        }
        LogFields.of(record).forEach((name, value) -> set(line, name, value));
        return line.build().toString();
    }

    private static void set(JsonObject.Builder line, String name, Object value) {
        switch (value) {
            case BigDecimal number -> line.set(name, number);
            case Number number -> line.set(name, number.longValue());
            case Boolean flag -> line.set(name, flag.booleanValue());
            case List<?> items -> line.setStrings(name, items.stream().map(Object::toString).toList());
            case Map<?, ?> entries -> {
                JsonObject.Builder object = JsonObject.builder();
                entries.forEach((key, each) -> object.set(key.toString(), each.toString()));
                line.set(name, object.build());
            }
            default -> line.set(name, value.toString());
        }
    }
}
