package dev.ssehub.bench;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them, or as ISO-8601 has them. */
public final class DurationConverter implements ITypeConverter<Duration> {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Map<String, ChronoUnit> UNITS = Map.of("ms", ChronoUnit.MILLIS, "s", ChronoUnit.SECONDS, //
            "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS);

    /** For picocli, which creates it by name. */
    public DurationConverter() {}

    @Override
    public Duration convert(String value) {
        Matcher matcher = SHORT.matcher(value);
        try {
            return matcher.matches()
                    ? Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)))
                    : Duration.parse(value);
        } catch (DateTimeException e) {
            throw new TypeConversionException(
                    "'" + value + "' is no duration; allowed is 500ms, 10s, 2m, 1h, or ISO-8601 (PT10S)");
        }
    }
}
