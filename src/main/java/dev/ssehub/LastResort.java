package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import picocli.CommandLine.ExitCode;

/**
 * Ends the process when it only looks alive: it no longer accepts connections, its heap is full, or it does not stop in time. A
 * supervisor can then start the hub again.
 */
final class LastResort {
    // One thread checks all this. It exists from the start and allocates nothing but the probe of the heap: with a full heap, no
    // thread can be created, not even the one in which the JVM would handle SIGTERM.

    /** How many probes must fail in a row. A full heap can recover, for example when a burst of requests is over. */
    static final int FAILED_PROBES = 5;

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int PROBE_BYTES = 64 * 1024;
    private static final byte[] DEAF = line("the thread that accepts connections has ended; the hub stops");
    private static final byte[] FULL = line("the heap is full; the process ends");
    private static final byte[] LATE = line("the hub has not stopped in time; the process ends");

    private final BooleanSupplier listens;
    private final Runnable probe;
    private final Consumer<byte[]> stop;
    private final Consumer<byte[]> end;
    private final IntSupplier checksToStop;
    private volatile boolean stopping;
    private int checksWhileStopping;
    private int failedProbes;

    /**
     * @param listens whether the hub accepts connections
     * @param probe allocates some memory
     * @param stop prints a reason, begins to stop the hub and returns
     * @param end prints a reason and ends the process at once
     * @param checksToStop returns how many checks the hub may take to stop
     */
    LastResort(BooleanSupplier listens, Runnable probe, Consumer<byte[]> stop, Consumer<byte[]> end, IntSupplier checksToStop) {
        this.listens = listens;
        this.probe = probe;
        this.stop = stop;
        this.end = end;
        this.checksToStop = checksToStop;
    }

    /**
     * Starts to watch this process, in a daemon thread that never ends.
     *
     * @param listens whether the hub accepts connections
     * @param stopTimeout returns how long the hub may take to stop
     */
    static LastResort start(BooleanSupplier listens, Supplier<Duration> stopTimeout) {
        AtomicReference<byte[]> probe = new AtomicReference<>();
        LastResort lastResort = new LastResort(listens, () -> probe.setOpaque(new byte[PROBE_BYTES]), reason -> {
            print(reason);
            Thread.ofPlatform().name("stop").start(() -> System.exit(ExitCode.SOFTWARE));
        }, reason -> {
            print(reason);
            Runtime.getRuntime().halt(ExitCode.SOFTWARE);
        }, () -> (int) stopTimeout.get().dividedBy(INTERVAL) + 1);
        Thread.ofPlatform().name("last-resort").daemon().start(() -> {
            while (true) {
                LockSupport.parkNanos(INTERVAL.toNanos());
                lastResort.check();
            }
        });
        return lastResort;
    }

    /** Tells that the hub has begun to stop. From now on it has the time to stop, and need not listen. */
    void stopping() {
        stopping = true;
    }

    void check() {
        if (stopping) {
            if (++checksWhileStopping > checksToStop.getAsInt()) {
                end.accept(LATE);
            }
        } else if (!listens.getAsBoolean()) {
            stopping = true;
            stop.accept(DEAF);
        }
        try {
            probe.run();
            failedProbes = 0;
        } catch (OutOfMemoryError e) {
            if (++failedProbes == FAILED_PROBES) {
                end.accept(FULL);
            }
        }
    }

    private static byte[] line(String reason) {
        return ("sse-hub: " + reason + "\n").getBytes(US_ASCII);
    }

    private static void print(byte[] line) {
        System.err.writeBytes(line);
    }
}
