package dev.ssehub.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.BenchSettings;
import dev.ssehub.bench.ProgressLine;

/** All subscribers of a run, shared out among the threads. For one caller at a time. */
public final class Swarms implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long TICK_MILLIS = 50;

    private final BenchSettings settings;
    private final List<Swarm> swarms = new ArrayList<>();
    private final CountDownLatch ready;

    /**
     * Starts to connect.
     *
     * @param epoch when the clock of the run began, in terms of {@link System#nanoTime}
     */
    public Swarms(BenchSettings settings, InetSocketAddress address, Stamp stamp, long epoch) throws IOException {
        this.settings = settings;
        this.ready = new CountDownLatch(settings.threads());
        Reader.Run run = new Reader.Run(stamp, settings.topics(), settings.events());
        List<byte[]> requests = requests();
        try {
            for (int i = 0; i < settings.threads(); i++) {
                int ramp = settings.ramp() / settings.threads() + (i < settings.ramp() % settings.threads() ? 1 : 0);
                swarms.add(new Swarm("bench-swarm-" + (i + 1), share(i, run, requests), address, ramp, epoch, ready));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** One for each topic. */
    private List<byte[]> requests() {
        Map<String, String> headers = settings.headers(Map.of("Accept", "text/event-stream"));
        return IntStream.range(0, settings.topics())
                .mapToObj(topic -> (settings.target().head("GET", topic, headers) + "\r\n").getBytes(ISO_8859_1)).toList();
    }

    private List<Reader> share(int thread, Reader.Run run, List<byte[]> requests) {
        List<Reader> share = new ArrayList<>();
        for (int i = thread; i < settings.subscribers(); i += settings.threads()) {
            int topic = i % settings.topics();
            share.add(new Reader(run, topic, i < settings.slow(), requests.get(topic)));
        }
        return share;
    }

    /** Waits until every subscriber is connected or has failed; all have that wait when nothing has moved for ten seconds. */
    public void awaitConnected(ProgressLine progress) throws InterruptedException {
        long settled = 0;
        long since = System.nanoTime();
        while (!ready.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
            long now = sum(Tally::connected) + sum(Tally::failed);
            if (now > settled) {
                settled = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > PATIENCE.toNanos()) {
                swarms.forEach(swarm -> swarm.stopConnecting("no answer for " + PATIENCE.toSeconds() + " s"));
            }
            if (progress.isDue()) {
                progress.show(String.format(ProgressLine.LOCALE, "%,d of %,d subscribers connected", sum(Tally::connected),
                        settings.subscribers()));
            }
        }
    }

    /** How many subscribers each topic has that read. */
    public int[] readers() {
        int[] readers = new int[settings.topics()];
        for (Swarm swarm : swarms) {
            swarm.connected().stream().filter(subscription -> !subscription.isSlow())
                    .forEach(subscription -> readers[subscription.topic()]++);
        }
        return readers;
    }

    /** What all have received. */
    public List<Tally> tallies() {
        return swarms.stream().map(Swarm::tally).toList();
    }

    public long sum(ToLongFunction<Tally> number) {
        return swarms.stream().map(Swarm::tally).mapToLong(number).sum();
    }

    /** The first reason of any that has one. */
    public @Nullable String first(Function<Tally, @Nullable String> reason) {
        for (Swarm swarm : swarms) {
            String text = reason.apply(swarm.tally());
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    /** What has ended one of the threads, if anything did. */
    public @Nullable Throwable defect() {
        return swarms.stream().map(Swarm::defect).filter(Objects::nonNull).findFirst().orElse(null);
    }

    @Override
    public void close() {
        swarms.forEach(Swarm::close);
    }
}
