package dev.ssehub.bench;

import module java.base;
import dev.ssehub.bench.load.ConnectionTally;
import dev.ssehub.bench.load.LoadSettings;
import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.ServerProcess;
import dev.ssehub.bench.load.Stamp;
import dev.ssehub.bench.load.Swarms;
import dev.ssehub.bench.load.Tally;
import dev.ssehub.bench.load.Tally.Count;
import dev.ssehub.bench.load.Workers;
import org.jspecify.annotations.Nullable;

/** One run of the benchmark: connects the subscribers, then publishes and measures. */
final class Bench {
    // The calling thread starts one thread for each swarm and one for the publisher, and waits until they have ended. An instance
    // is the measurement, which begins when all subscribers are connected.

    /** A server may send the headers of a stream shortly before it registers the subscriber. */
    private static final Duration SETTLING = Duration.ofMillis(500);
    private static final Duration LATE_DELIVERIES = Duration.ofSeconds(3);
    /** The time to wait for repeated deliveries after all events have arrived. */
    private static final Duration REPEATS = Duration.ofMillis(200);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final LoadSettings settings;
    private final Swarms swarms;
    private final Workers workers;
    private final Stamp clock;
    private final ProgressLine progress;
    private final long start;
    private final long eventsBefore;
    private final long bytesBefore;
    private long eventsShown;
    private long timeShown;
    private boolean interrupted;

    private Bench(LoadSettings settings, Swarms swarms, Workers workers, Stamp clock, ProgressLine progress) {
        this.settings = settings;
        this.swarms = swarms;
        this.workers = workers;
        this.clock = clock;
        this.progress = progress;
        this.start = clock.now();
        this.timeShown = start;
        this.eventsBefore = swarms.sum(Count.EVENTS);
        this.eventsShown = eventsBefore;
        this.bytesBefore = swarms.sum(Count.BYTES);
    }

    /**
     * Blocks for the duration of the settings plus a few seconds. An interrupt during the measurement ends it early.
     *
     * @throws IOException if the server cannot be reached, or no subscriber receives a stream; the message says why
     * @throws InterruptedException if the thread is interrupted before the measurement begins
     */
    static BenchResult run(LoadSettings settings, ProgressLine progress) throws IOException, InterruptedException {
        InetSocketAddress address = settings.target().reach();
        if (settings.publishing() != null) {
            settings.publishing().target().reach();
        }
        Workers workers = new Workers();
        Stamp clock = new Stamp();
        try (Swarms swarms = new Swarms(settings, address, clock, workers)) {
            ConnectionTally connections = swarms.connections();
            while (!connections.await()) {
                workers.requireHealthy();
                progress.showIfDue(() -> ProgressLine.format("%,d of %,d subscribers connected",
                        connections.result().connected(), settings.subscribers()));
            }
            if (connections.result().connected() == 0) {
                throw new IOException("no subscriber gets a stream from " + settings.target().url() + ": "
                        + connections.result().firstFailure());
            }
            Thread.sleep(SETTLING); // no answer says when the server has registered the last subscriber
            if (settings.server() != null) {
                settings.server().begin();
            }
            Bench bench = new Bench(settings, swarms, workers, clock, progress);
            try (Publisher publisher = settings.publishing() == null
                    ? null
                    : new Publisher(settings, settings.publishing(), clock, swarms.readers(), workers)) {
                return bench.measure(publisher);
            }
        }
    }

    /** Measures until the end, and closes the publisher and the swarms. */
    private BenchResult measure(@Nullable Publisher publisher) {
        await(settings.duration(), publisher, () -> false);
        long end = clock.now();
        if (publisher != null) {
            if (interrupted) {
                publisher.stop();
            }
            await(LATE_DELIVERIES, publisher, () -> publisher.hasEnded() && swarms.sum(Count.RECEIVED) >= publisher.expected());
            await(REPEATS, publisher, () -> false);
            publisher.close();
        }
        ServerProcess server = settings.server();
        ServerProcess.Usage usage = server == null ? null : server.end(); // before close(), which uses CPU time
        swarms.close();
        workers.requireHealthy();
        Tally total = swarms.total();
        return new BenchResult(settings.target().url(), (Math.max(end, total.lastReceipt()) - start) / 1e9,
                swarms.connections().result(), publisher == null ? null : publisher.result(), deliveries(total, publisher),
                total.get(Count.BYTES) - bytesBefore, total.latency(), usage);
    }

    private void await(Duration duration, @Nullable Publisher publisher, BooleanSupplier over) {
        long end = clock.now() + duration.toNanos();
        try {
            for (long left = duration.toNanos(); left > 0 && !over.getAsBoolean(); left = end - clock.now()) {
                // a measurement lasts for a given time; in between, it looks for failures and for an early end
                Thread.sleep(Duration.ofNanos(Math.min(left, TICK_NANOS)));
                workers.requireHealthy();
                progress.showIfDue(() -> progress(publisher));
            }
        } catch (InterruptedException e) {
            interrupted = true; // by the user, who still receives the result so far
        }
    }

    private String progress(@Nullable Publisher publisher) {
        long events = swarms.sum(Count.EVENTS);
        long now = clock.now();
        String published = publisher == null ? "" : ProgressLine.format("%,d events published, ", publisher.sent());
        String line = ProgressLine.format("%,d s: %s%,d received, %,.0f a second", (now - start) / 1_000_000_000, published,
                events - eventsBefore, (events - eventsShown) * 1e9 / (now - timeShown));
        eventsShown = events;
        timeShown = now;
        return line;
    }

    private BenchResult.Deliveries deliveries(Tally total, @Nullable Publisher publisher) {
        long events = total.get(Count.EVENTS) - eventsBefore;
        if (publisher == null) {
            return new BenchResult.Deliveries(0, events, 0, 0, 0, 0);
        }
        long acknowledged = publisher.acknowledged().stream().mapToLong(total::deliveries).sum();
        long received = total.get(Count.RECEIVED);
        long repeated = total.get(Count.REPEATED);
        long strays = total.get(Count.STRAY);
        return new BenchResult.Deliveries(publisher.expected(), acknowledged, repeated, total.get(Count.OUT_OF_ORDER),
                received - acknowledged + strays, events - received - repeated - strays);
    }
}
