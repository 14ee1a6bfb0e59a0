package dev.ssehub.logging;

import module java.base;
import static java.util.stream.Collectors.joining;

import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.tracing.TraceContext;
import java.lang.System.Logger.Level;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a log record says, for all formats: its message, and its fields. A parameter of the record that is a Java record gives one field
 * for each component, also of a record within it, and the context of the request gives {@code trace_id} and {@code span_id}.
 */
final class LogFields {
    // Only the JDK's logging stands between a class that logs and this package, so a class needs no logging library to name the parts
    // of its message: it passes a record of its own.

    /** No message of the hub is that long, but clients can make those of libraries longer. */
    private static final int MAX_LENGTH = 4000;
    private static final int MAX_VALUE_LENGTH = 500;
    private static final int MAX_ITEMS = 20;
    private static final List<Level> LEVELS = List.of(Level.ERROR, Level.WARNING, Level.INFO, Level.DEBUG);
    private static final Formatter MESSAGE = new Formatter() {
        @Override
        public String format(LogRecord record) {
            return formatMessage(record);
        }
    };

    private LogFields() {}

    static String message(LogRecord record, long leftOut) {
        return MESSAGE.format(record) + LogThrottle.more(leftOut);
    }

    /** Returns the fields by name, in the order of the components. A value is a text, a number, a flag, a list or a map. */
    static SequencedMap<String, Object> of(LogRecord record) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        for (Object parameter : Objects.requireNonNullElse(record.getParameters(), new Object[0])) {
            if (parameter instanceof Record event) {
                putAll(fields, event);
            }
        }
        if (!fields.containsKey("trace_id")) {
            put(fields, "trace", TraceContext.current());
        }
        return fields;
    }

    private static void putAll(Map<String, Object> fields, Record event) {
        Stream.of(event.getClass().getRecordComponents()).forEach(part -> put(fields, name(part), value(event, part)));
    }

    private static String name(RecordComponent part) {
        return part.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Object value(Record event, RecordComponent part) {
        try {
            Method accessor = part.getAccessor();
            accessor.setAccessible(true); // the record of another package need not be public
            return accessor.invoke(event);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the component " + part + " cannot be read", e);
        }
    }

    /** Adds a field, unless there is no value. */
    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        switch (value) {
            case null -> {
            }
            case Optional<?> optional -> put(fields, name, optional.orElse(null));
            case TraceContext trace -> {
                fields.put("trace_id", trace.traceId());
                fields.put("span_id", trace.spanId());
            }
            case Record part -> putAll(fields, part);
            case Number number -> fields.put(name, number);
            case Boolean flag -> fields.put(name, flag);
            case Duration time -> fields.put(name, BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros());
            case Collection<?> items -> fields.put(name, list(items));
            case Map<?, ?> entries -> {
                SequencedMap<String, String> texts = new LinkedHashMap<>();
                entries.forEach((key, each) -> texts.put(text(key), text(each)));
                fields.put(name, texts);
            }
            default -> fields.put(name, text(value));
        }
    }

    private static List<String> list(Collection<?> items) {
        Stream<String> first = items.stream().limit(MAX_ITEMS).map(LogFields::text);
        int more = items.size() - MAX_ITEMS;
        return (more > 0 ? Stream.concat(first, Stream.of("and " + more + " more")) : first).toList();
    }

    private static String text(Object value) {
        return switch (value) {
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case InetAddress address -> address.getHostAddress();
            default -> printable(value.toString(), MAX_VALUE_LENGTH);
        };
    }

    /** Returns the word for a level: that of {@code System.Logger}, which is also the one in the configuration. */
    static String level(LogRecord record) {
        int value = record.getLevel().intValue();
        return LEVELS.stream().filter(level -> level.getSeverity() <= value).findFirst().orElse(Level.TRACE).name();
    }

    /** Replaces what could begin another line or control a terminal, and cuts a long text. */
    static String printable(CharSequence text) {
        return printable(text, MAX_LENGTH);
    }

    private static String printable(CharSequence text, int maxLength) {
        String end = text.length() > maxLength ? "..." : "";
        return text.codePoints().limit(maxLength).mapToObj(LogFields::printable).collect(joining("", "", end));
    }

    private static String printable(int character) {
        if (Character.isISOControl(character) || character == '\u2028' || character == '\u2029') {
            return " ";
        }
        boolean isHalfOfAPair = Character.getType(character) == Character.SURROGATE;
        return isHalfOfAPair ? "\uFFFD" : Character.toString(character);
    }
}
