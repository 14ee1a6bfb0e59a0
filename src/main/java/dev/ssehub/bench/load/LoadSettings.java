package dev.ssehub.bench.load;

import module java.base;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * The load of a run. Event n and subscriber n belong to topic n % topics.
 *
 * @param target where to subscribe
 * @param slow the number of subscribers that stop reading after the headers
 * @param ramp the maximum number of connections that wait for an answer at the same time
 * @param threads the number of threads that read, at most one for each subscriber and for each connection of the ramp
 * @param headers the headers of every request
 * @param publishing what to publish, or {@code null} to publish nothing
 * @param server the process of the server, or {@code null} to measure none
 */
public record LoadSettings(Target target, int subscribers, int slow, int topics, int ramp, int threads,
        Map<String, String> headers, Duration duration, @Nullable Publishing publishing, @Nullable ServerProcess server) {
    static final String DATA = "{data}";

    private static final int RESERVED_FILES = 64;
    private static final int MAX_EVENTS = 100_000_000;
    private static final Duration MAX_DURATION = Duration.ofDays(1);

    /**
     * What to publish.
     *
     * @param rate events per second
     * @param size bytes of data per event
     * @param body the body of a request, in which {@code {data}} stands for the data and {@code {topic}} for the topic's number
     * @param type the Content-Type of the body
     */
    public record Publishing(Target target, double rate, int size, String body, String type) {
        private double events(Duration duration) {
            return Math.ceil(rate * duration.toNanos() / 1e9);
        }
    }

    /** Throws an {@link IllegalArgumentException} that names the option of the command line if a value is not allowed. */
    public LoadSettings {
        requireRange("--subscribers", subscribers, 1, 1_000_000);
        requireRange("--slow", slow, 0, subscribers);
        requireRange("--topics", topics, 1, subscribers);
        requireRange("--ramp", ramp, 1, 100_000);
        requireRange("--threads", threads, 1, 1_000);
        threads = Math.min(threads, Math.min(subscribers, ramp));
        headers = Map.copyOf(headers);
        require(duration.isPositive() && duration.compareTo(MAX_DURATION) <= 0,
                "--duration must be greater than 0 and at most a day");
        require(topics == 1 || target.hasTopic(), "--topics " + topics + " needs {topic} in " + target.url());
        if (publishing != null) {
            requireRange("--size", publishing.size(), 0, 10_000_000);
            require(publishing.rate() > 0 && publishing.rate() <= 1_000_000, "--rate must be greater than 0 and at most 1000000");
            require(publishing.events(duration) <= MAX_EVENTS, "--rate times --duration is more than " + MAX_EVENTS + " events");
            require(publishing.body().contains(DATA), "--publish-body must contain {data}");
            require(topics == 1 || publishing.target().hasTopic() || publishing.body().contains("{topic}"),
                    "--topics " + topics + " needs {topic} in --publish or in --publish-body");
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            long limit = unix.getMaxFileDescriptorCount();
            long most = Math.max(0, limit - unix.getOpenFileDescriptorCount() - RESERVED_FILES);
            require(subscribers <= most, "--subscribers is " + subscribers + ", but the process may open only " + limit
                    + " files (ulimit -n), which is enough for " + most);
        }
    }

    private static void requireRange(String option, int value, int least, int most) {
        require(value >= least && value <= most, option + " is " + value + "; it must be " + least + " to " + most);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Returns the number of events that are due in the run. */
    int events() {
        return publishing == null ? 0 : (int) publishing.events(duration);
    }

    /** Returns the head of a request for each topic, without the last CRLF. The name and value are a default header. */
    List<String> heads(String method, Target to, String name, String value) {
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(headers);
        all.putIfAbsent(name, value);
        return IntStream.range(0, topics).mapToObj(topic -> to.head(method, topic, all)).toList();
    }
}
