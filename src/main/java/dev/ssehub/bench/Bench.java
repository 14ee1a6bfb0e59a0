package dev.ssehub.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.Stamp;
import dev.ssehub.bench.load.Swarms;
import dev.ssehub.bench.load.Tally;

/** A run: connects the subscribers, then measures. */
public final class Bench {

    // The caller's thread only starts others and waits: one for each swarm, one for the publisher. All have ended when run()
    // returns.

    /** A server may send the headers of a stream a moment before the subscriber counts. */
    private static final Duration SETTLING = Duration.ofMillis(500);

    private Bench() {}

    /**
     * Runs for the duration of the settings and a few seconds more. An interrupt ends the measuring early.
     *
     * @throws IOException if nobody answers, or no subscriber gets a stream; the message says why
     * @throws InterruptedException if the thread is interrupted before there is anything to tell
     */
    static BenchResult run(BenchSettings settings, ProgressLine progress) throws IOException, InterruptedException {
        InetSocketAddress address = settings.target().reach();
        BenchSettings.Publishing publishing = settings.publishing();
        InetSocketAddress publishAddress = publishing == null ? null : publishing.target().reach();
        Stamp stamp = Stamp.random();
        long epoch = System.nanoTime();
        try (Swarms swarms = new Swarms(settings, address, stamp, epoch)) {
            swarms.awaitConnected(progress);
            double seconds = (System.nanoTime() - epoch) / 1e9;
            throwIfBroken(swarms.defect());
            if (swarms.sum(Tally::connected) == 0) {
                throw new IOException("no subscriber gets a stream from " + settings.target().url() + ": "
                        + swarms.first(Tally::firstFailure));
            }
            Thread.sleep(SETTLING);
            Measurement measurement = new Measurement(settings, swarms, epoch, progress);
            try (Publisher publisher = publishAddress == null
                    ? null
                    : new Publisher(settings, publishAddress, stamp, swarms.readers(), epoch)) {
                return measurement.run(publisher, seconds);
            }
        }
    }

    /** Waits for a thread that has been told to end; an interrupt does not make that shorter, and stays. */
    public static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static void throwIfBroken(@Nullable Throwable defect) {
        if (defect != null) {
            throw new IllegalStateException("a thread of the bench has failed", defect);
        }
    }
}
