package dev.ssehub.feed;

import module java.base;
import com.sun.management.OperatingSystemMXBean;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.PublishedBy;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonNumber;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonValue;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import org.jspecify.annotations.Nullable;

/** Publishes the load of the machine, the JVM and the hub as JSON. */
public final class SystemFeed implements Feed {
    // The JVM reports the CPU load since it was last asked, and an arbitrary value the first time. So the first event has no CPU
    // load and no rate of events. The beans are first used by the feed's thread, so that they do not delay the start.

    private final Hub hub;
    private final InstantSource clock;
    private final Reach reach;
    private final Source source;
    private final Ticker ticker;
    private @Nullable Count last;

    /** The number of events that the hub had published at a {@link System#nanoTime}. */
    private record Count(long events, long nanos) {}

    /**
     * One reading. A value that the system does not report is negative or not a number.
     *
     * @param time the time in epoch milliseconds
     * @param cores the number of cores that this process may use
     * @param systemCpu the share of the machine's (or container's) CPU that is in use, 0 to 1
     * @param processCpu the share of it that this process uses
     * @param load the average number of threads that were running or ready to run during the last minute
     * @param threads the number of platform threads
     * @param eventsPerSecond the rate of all events of the hub since the last reading
     */
    record Reading(long time, int cores, double systemCpu, double processCpu, double load, MachineMemory memory,
            MemoryUsage heap, int threads, int subscribers, double eventsPerSecond) {
        /** Returns the rounded values. Unknown values are {@code null}. */
        JsonObject json() {
            return JsonObject.builder().set("time", time).set("cores", cores)
                    .set("cpu", cpu -> cpu.set("system", number(systemCpu, 1000)).set("process", number(processCpu, 1000)))
                    .set("load", number(load, 100))
                    .set("memory", bytes -> bytes.set("used", number(memory.used())).set("total", number(memory.total())))
                    .set("heap", bytes -> bytes.set("used", number(heap.getUsed())).set("max", number(heap.getMax())))
                    .set("threads", threads).set("subscribers", subscribers)
                    .set("eventsPerSecond", number(eventsPerSecond, 100)).build();
        }

        private static JsonValue number(long value) {
            return value >= 0 ? JsonNumber.create(value) : JsonNull.instance();
        }

        private static JsonValue number(double value, int precision) {
            return value >= 0 && Double.isFinite(value)
                    ? JsonNumber.create((double) Math.round(value * precision) / precision)
                    : JsonNull.instance();
        }
    }

    /** Starts to publish to a topic, at an interval of at least 0.1 seconds: the JVM reports the CPU load no more often. */
    public SystemFeed(Hub hub, String topic, Duration interval, InstantSource clock, Reach reach) {
        this.hub = hub;
        this.clock = clock;
        this.reach = reach;
        this.source = new Source(hub, PublishedBy.SYSTEM_FEED, reach);
        this.ticker = new Ticker("feed-system", interval, clock, () -> source.publish(update(topic)));
    }

    private Update update(String topic) {
        return new Update(List.of(topic), read().json().toString(), "system", null, null, false);
    }

    private Reading read() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double systemCpu = system.getCpuLoad();
        double processCpu = system.getProcessCpuLoad();
        Count before = last;
        Count now = new Count(hub.published(), System.nanoTime());
        last = now;
        double rate = before == null ? -1 : (now.events() - before.events()) * 1e9 / (now.nanos() - before.nanos());
        return new Reading(clock.millis(), system.getAvailableProcessors(), before == null ? -1 : systemCpu,
                before == null ? -1 : processCpu, system.getSystemLoadAverage(), MachineMemory.read(system),
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage(), ManagementFactory.getThreadMXBean().getThreadCount(),
                hub.subscribers(), rate);
    }

    @Override
    public void close() {
        source.close();
        ticker.close();
        reach.lease().close();
    }
}
