package dev.ssehub.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.ssehub.bench.load.ServerProcess;

/**
 * What to do in a run.
 *
 * @param target where the stream is
 * @param subscribers how many connections to open
 * @param slow how many of them stop reading after the headers
 * @param topics over how many topics they are spread
 * @param ramp how many connections may be without an answer while they are opened
 * @param threads how many threads read
 * @param headers what to send with every request
 * @param duration how long to measure
 * @param publishing what to publish, or null to receive only
 * @param server the server's process, or null if nobody asks what it takes
 */
public record BenchSettings(Target target, int subscribers, int slow, int topics, int ramp, int threads,
        Map<String, String> headers,
        Duration duration, @Nullable Publishing publishing, @Nullable ServerProcess server) {

    private static final int RESERVED_FILES = 64;
    private static final long MAX_EVENTS = 100_000_000;
    private static final Duration MAX_DURATION = Duration.ofDays(1);

    /**
     * What to publish.
     *
     * @param target where to
     * @param rate events a second
     * @param size bytes of data in an event
     * @param body the body of a request, in which {@code {data}} stands for the data
     * @param type its content type
     */
    public record Publishing(Target target, double rate, int size, String body, String type) {

        public static final String DATA = "{data}";
    }

    /**
     * Checks that the values make sense, also together.
     *
     * @throws IllegalArgumentException if they do not; the message says why, in the words of the command line
     */
    public BenchSettings {
        inRange("--subscribers", subscribers, 1, 1_000_000);
        inRange("--slow", slow, 0, subscribers);
        inRange("--topics", topics, 1, subscribers);
        inRange("--ramp", ramp, 1, 100_000);
        inRange("--threads", threads, 1, 1_000);
        threads = Math.min(threads, Math.min(subscribers, ramp));
        headers = Map.copyOf(headers);
        if (duration.isNegative() || duration.isZero() || duration.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException("--duration must be more than nothing and at most a day");
        }
        if (topics > 1 && !target.hasTopic()) {
            throw new IllegalArgumentException("--topics " + topics + " needs {topic} in " + target.url());
        }
        if (publishing != null) {
            check(publishing, topics, duration);
        }
        checkFiles(subscribers);
    }

    private static void check(Publishing publishing, int topics, Duration duration) {
        inRange("--size", publishing.size(), 0, 10_000_000);
        if (!(publishing.rate() > 0 && publishing.rate() <= 1_000_000)) {
            throw new IllegalArgumentException("--rate must be more than 0 and at most 1000000");
        }
        if (events(publishing, duration) > MAX_EVENTS) {
            throw new IllegalArgumentException("--rate and --duration make more than " + MAX_EVENTS + " events");
        }
        if (!publishing.body().contains(Publishing.DATA)) {
            throw new IllegalArgumentException("--publish-body needs {data} in it");
        }
        if (topics > 1 && !publishing.target().hasTopic() && !publishing.body().contains("{topic}")) {
            throw new IllegalArgumentException("--topics " + topics + " needs {topic} in --publish or in --publish-body");
        }
    }

    private static void inRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + "; allowed is " + least + " to " + most);
        }
    }

    private static void checkFiles(int subscribers) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            long most = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - RESERVED_FILES;
            if (subscribers > most) {
                throw new IllegalArgumentException("--subscribers is " + subscribers + ", but the process may have only "
                        + unix.getMaxFileDescriptorCount() + " files open (ulimit -n); that is enough for " + Math.max(0, most));
            }
        }
    }

    /** How many events are due in the run. */
    public int events() {
        return publishing == null ? 0 : (int) events(publishing, duration);
    }

    private static long events(Publishing publishing, Duration duration) {
        return (long) Math.ceil(publishing.rate() * duration.toNanos() / 1e9);
    }

    /** The headers to send where these are the defaults. */
    public Map<String, String> headers(Map<String, String> defaults) {
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(defaults);
        headers.forEach((name, value) -> {
            all.remove(name); // or the default's spelling would stay
            all.put(name, value);
        });
        return all;
    }
}
