package dev.ssehub.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The mark of a run's events, and the run's clock. The data of each published event begins with {@code B:run:number:nanos:}:
 * the run, the number of the event from 0, and the time at which it was due. Safe for use by several threads.
 */
public final class Stamp {

    private final long epoch = System.nanoTime();
    private final String prefix;

    /** Starts the clock of a new run. */
    public Stamp() {
        this(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
    }

    /** @param run tells the events of this run from those of other runs, also when a server replays them */
    Stamp(String run) {
        this.prefix = "B:" + run + ":";
    }

    /** Returns the nanoseconds since the run began. */
    public long now() {
        return System.nanoTime() - epoch;
    }

    /** Returns the beginning of every stamp of the run. The first byte occurs only once in it. */
    byte[] prefix() {
        return prefix.getBytes(US_ASCII);
    }

    /** Returns the data of an event: the stamp, padded to {@code size} bytes. */
    String data(long number, long nanos, int size) {
        String stamp = prefix + number + ":" + nanos + ":";
        return stamp + "x".repeat(Math.max(0, size - stamp.length()));
    }
}
