package dev.ssehub.bench;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.ServerProcess;
import dev.ssehub.bench.load.Swarms;
import dev.ssehub.bench.load.Tally;

/** From when all subscribers are connected: waits for what is to come, and adds it up. */
final class Measurement {

    private static final Duration STRAGGLERS = Duration.ofSeconds(3);
    /** When everything is there: for what comes twice. */
    private static final Duration REPEATS = Duration.ofMillis(200);
    /** The time is what is measured, so it passes: whether all is over, or the user has had enough, is looked at so often. */
    private static final Duration TICK = Duration.ofMillis(5);

    private final BenchSettings settings;
    private final Swarms swarms;
    private final long epoch;
    private final ProgressLine progress;
    private final @Nullable ServerProcess server;
    private final long start = System.nanoTime();
    private final long eventsBefore;
    private final long bytesBefore;
    private long eventsShown;
    private long timeShown = start;
    private @Nullable Publisher publisher;
    private boolean interrupted;

    /**
     * Begins to measure.
     *
     * @param epoch when the clock of the run began, in terms of {@link System#nanoTime}
     */
    Measurement(BenchSettings settings, Swarms swarms, long epoch, ProgressLine progress) {
        this.settings = settings;
        this.swarms = swarms;
        this.epoch = epoch;
        this.progress = progress;
        this.server = settings.server();
        if (server != null) {
            server.begin();
        }
        this.eventsBefore = swarms.sum(Tally::events);
        this.bytesBefore = swarms.sum(Tally::bytes);
        this.eventsShown = eventsBefore;
    }

    /**
     * Waits for the end, and closes the publisher and the swarms. An interrupt makes the end come sooner. To be called once.
     *
     * @param publisher what publishes, or null if nothing does
     * @param connectSeconds how long it took to connect
     */
    BenchResult run(@Nullable Publisher publisher, double connectSeconds) {
        this.publisher = publisher;
        await(settings.duration(), () -> false);
        long end = System.nanoTime();
        if (publisher != null) {
            if (interrupted) {
                publisher.stop();
            }
            await(STRAGGLERS, () -> publisher.hasEnded() && swarms.sum(Tally::received) >= publisher.expected());
            await(REPEATS, () -> false);
            publisher.close();
        }
        BenchResult.Server taken = server == null ? null : server.end(); // before so many connections are closed
        swarms.close();
        throwIfBroken();
        return result(connectSeconds, end, taken);
    }

    private void await(Duration duration, BooleanSupplier over) {
        long from = System.nanoTime();
        try {
            long left = duration.toNanos();
            while (left > 0 && !over.getAsBoolean()) {
                Thread.sleep(Duration.ofNanos(Math.min(left, TICK.toNanos())));
                throwIfBroken();
                if (progress.isDue()) {
                    show();
                }
                left = duration.toNanos() - (System.nanoTime() - from);
            }
        } catch (InterruptedException e) {
            interrupted = true; // the user has seen enough; what there is so far is the result
        }
    }

    private void throwIfBroken() {
        Bench.throwIfBroken(swarms.defect());
        Bench.throwIfBroken(publisher == null ? null : publisher.defect());
    }

    private void show() {
        long events = swarms.sum(Tally::events);
        long now = System.nanoTime();
        String published = publisher == null
                ? ""
                : String.format(ProgressLine.LOCALE, "%,d events published, ", publisher.sent());
        progress.show(String.format(ProgressLine.LOCALE, "%,d s: %s%,d received, %,.0f a second", (now - start) / 1_000_000_000,
                published, events - eventsBefore, (events - eventsShown) * 1e9 / (now - timeShown)));
        eventsShown = events;
        timeShown = now;
    }

    private BenchResult result(double connectSeconds, long end, BenchResult.@Nullable Server taken) {
        int connected = (int) swarms.sum(Tally::connected);
        BenchResult.Subscribers subscribers = new BenchResult.Subscribers(settings.subscribers(), connected,
                settings.subscribers() - connected, swarms.first(Tally::firstFailure), (int) swarms.sum(Tally::endedEarly),
                swarms.first(Tally::firstEnd), connectSeconds);
        Histogram latency = new Histogram(Tally.DIGITS);
        long last = end;
        for (Tally tally : swarms.tallies()) {
            latency.add(tally.latency());
            last = tally.received() == 0 ? last : Math.max(last, epoch + tally.lastReceipt());
        }
        return new BenchResult(settings.target().url(), (last - start) / 1e9, subscribers,
                publisher == null ? null : publisher.result(), deliveries(), swarms.sum(Tally::bytes) - bytesBefore, latency,
                taken);
    }

    private BenchResult.Deliveries deliveries() {
        long events = swarms.sum(Tally::events) - eventsBefore;
        if (publisher == null) {
            return new BenchResult.Deliveries(0, events, 0, 0, 0, 0);
        }
        List<Tally> tallies = swarms.tallies();
        long received = publisher.acknowledged().stream()
                .mapToLong(number -> tallies.stream().mapToLong(tally -> tally.deliveries(number)).sum()).sum();
        long repeated = swarms.sum(Tally::repeated);
        long strays = swarms.sum(Tally::strays);
        long distinct = swarms.sum(Tally::received);
        return new BenchResult.Deliveries(publisher.expected(), received, repeated, swarms.sum(Tally::outOfOrder),
                distinct - received + strays, events - distinct - repeated - strays);
    }
}
