package dev.ssehub.bench;

import module java.base;

/** Prints one line of progress per second. On a terminal each line replaces the previous one. Not thread-safe. */
final class ProgressLine implements AutoCloseable {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter out;
    private final boolean overwrites;
    private long lastTime = System.nanoTime();
    private int lastLength;

    ProgressLine(PrintWriter out, boolean overwrites) {
        this.out = out;
        this.overwrites = overwrites;
    }

    /** Formats a text in the same way for everything that the command prints. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would need another library
    static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }

    /** Prints the line if a second has passed since the previous one. */
    void showIfDue(Supplier<String> text) {
        if (System.nanoTime() - lastTime < INTERVAL) {
            return;
        }
        lastTime = System.nanoTime();
        String line = text.get();
        if (overwrites) {
            out.print("\r" + line + " ".repeat(Math.max(0, lastLength - line.length())));
            out.flush();
            lastLength = line.length();
        } else {
            out.println(line);
        }
    }

    /** Ends the line, so that further output begins a new one. Closing twice does nothing. */
    @Override
    public void close() {
        if (lastLength > 0) {
            out.println();
            lastLength = 0;
        }
    }
}
