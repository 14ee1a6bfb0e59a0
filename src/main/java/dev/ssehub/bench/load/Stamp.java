package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The clock of a run, and the stamp at the beginning of the data of each published event: {@code B:run:number:nanos:}, with a random
 * id of the run, the number of the event from 0, and its due time on the clock. Thread-safe.
 */
public final class Stamp {

    private final long epoch = System.nanoTime();
    private final String prefix;

    /** Starts the clock of a new run. */
    public Stamp() {
        this(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
    }

    /** @param run distinguishes the events of this run from replayed events of earlier runs */
    Stamp(String run) {
        this.prefix = "B:" + run + ":";
    }

    /** Returns the nanoseconds since the run began. */
    public long now() {
        return System.nanoTime() - epoch;
    }

    /** Returns the beginning of all stamps of the run. Its first byte occurs only once in it. */
    byte[] prefix() {
        return prefix.getBytes(US_ASCII);
    }

    /** Returns the data of an event: the stamp, padded to {@code size} bytes. */
    String data(long number, long nanos, int size) {
        String stamp = prefix + number + ":" + nanos + ":";
        return stamp + "x".repeat(Math.max(0, size - stamp.length()));
    }
}
