package dev.ssehub.bench;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A line a second about what is going on, which on a terminal takes the place of the one before. */
public final class ProgressLine implements AutoCloseable {

    /** How numbers are written. */
    public static final Locale LOCALE = Locale.ROOT;

    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter out;
    private final boolean overwrites;
    private long lastTime;
    private int lastLength;

    ProgressLine(PrintWriter out, boolean overwrites) {
        this.out = out;
        this.overwrites = overwrites;
        this.lastTime = System.nanoTime();
    }

    /** Whether it is time for the next line. */
    public boolean isDue() {
        return System.nanoTime() - lastTime >= INTERVAL;
    }

    /** Prints a line. */
    public void show(String line) {
        lastTime = System.nanoTime();
        if (overwrites) {
            out.print("\r" + line + " ".repeat(Math.max(0, lastLength - line.length())));
            lastLength = line.length();
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Leaves the line, so that what comes next begins one of its own. */
    @Override
    public void close() {
        if (lastLength > 0) {
            out.println();
            lastLength = 0;
        }
    }
}
