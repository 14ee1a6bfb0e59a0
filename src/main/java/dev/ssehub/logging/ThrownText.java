package dev.ssehub.logging;

import module java.base;
import static java.util.stream.Collectors.joining;

/**
 * The essence of a stack trace in one line: each exception with its message, down to the first cause, and where that was thrown: the
 * innermost methods, and the hub's own methods that led there.
 */
final class ThrownText {
    private static final int MAX_CAUSES = 6;
    private static final int MAX_FRAMES = 8;
    private static final int INNERMOST = 3;

    private ThrownText() {}

    /** Returns the exception and its causes. At most six: a cause can be its own cause. */
    static List<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES).toList();
    }

    static String of(Throwable thrown) {
        List<Throwable> causes = causes(thrown);
        StackTraceElement[] frames = causes.getLast().getStackTrace();
        String places = IntStream.range(0, frames.length)
                .filter(i -> i < INNERMOST || frames[i].getClassName().startsWith("dev.ssehub."))
                .mapToObj(i -> frames[i].toString()).distinct().limit(MAX_FRAMES).collect(joining(" < "));
        return causes.stream().map(Throwable::toString).collect(joining(", caused by "))
                + (places.isEmpty() ? "" : ", at " + places);
    }
}
