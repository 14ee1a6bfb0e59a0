package dev.ssehub.bench.load;

import module java.base;

/**
 * The clock of a run, and the stamp at the beginning of the data of each published event: {@code B:run:number:nanos:}, with a
 * random id of the run, the number of the event from 0, and its due time on the clock.
 *
 * @param prefix the beginning of all stamps, which tells the events of this run from replayed events of earlier runs
 * @param epoch the {@link System#nanoTime} when the run began
 */
public record Stamp(String prefix, long epoch) {
    /** Starts the clock of a new run. */
    public Stamp() {
        this("B:" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + ":", System.nanoTime());
    }

    /** Returns the nanoseconds since the run began. */
    public long now() {
        return System.nanoTime() - epoch;
    }

    /** Returns the data of an event: the stamp, padded to {@code size} bytes. */
    String data(long number, long nanos, int size) {
        String stamp = prefix + number + ":" + nanos + ":";
        return stamp + "x".repeat(Math.max(0, size - stamp.length()));
    }
}
