package dev.ssehub.logging;

import module java.base;
import static java.util.stream.Collectors.joining;

import java.util.logging.LogRecord;

/** A log record as a line of text: time, level, logger, message, and the fields as {@code name=value}. */
final class TextLine {
    /** What a value may have without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[^\\s\"=,{}\\[\\]]+");

    private TextLine() {}

    /** @param leftOut how many records of the same kind were not written since the last one */
    static String of(LogRecord record, long leftOut) {
        String message = LogFields.message(record, leftOut);
        String thrown = record.getThrown() == null ? "" : ": " + ThrownText.of(record.getThrown());
        Map<String, Object> fields = LogFields.of(record);
        String text = "%1$tFT%1$tT.%1$tL%1$tz %2$s %3$s: %4$s".formatted(record.getInstant().atZone(ZoneId.systemDefault()),
                LogFields.level(record), record.getLoggerName(), LogFields.printable(message + thrown));
        return fields.isEmpty() ? text : text + " " + pairs(fields);
    }

    private static String pairs(Map<String, ?> fields) {
        return fields.entrySet().stream().map(field -> field.getKey() + "=" + value(field.getValue())).collect(joining(" "));
    }

    private static String value(Object value) {
        return switch (value) {
            case List<?> items -> items.stream().map(TextLine::value).collect(joining(",", "[", "]"));
            case Map<?, ?> entries -> entries.entrySet().stream().map(entry -> entry.getKey() + "=" + value(entry.getValue()))
                    .collect(joining(" ", "{", "}"));
            case BigDecimal number -> number.toPlainString();
            default -> PLAIN.matcher(value.toString()).matches()
                    ? value.toString()
                    : "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        };
    }
}
