package dev.ssehub.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the data of every published event begins with: {@code B:run:number:nanos:}, its number in the run and when it was due.
 *
 * @param run tells this run's events from those of others, and from what a server replays
 */
public record Stamp(String run) {

    /** Of a new run. */
    public static Stamp random() {
        return new Stamp(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
    }

    /** What all stamps of the run begin with. Its first byte is nowhere else in it. */
    byte[] prefix() {
        return ("B:" + run + ":").getBytes(US_ASCII);
    }

    /** The data of an event: the stamp, filled up to this many bytes. */
    String data(long number, long nanos, int size) {
        String stamp = "B:" + run + ":" + number + ":" + nanos + ":";
        return stamp + "x".repeat(Math.max(0, size - stamp.length()));
    }
}
