package dev.ssehub.feed;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

import org.jspecify.annotations.Nullable;

import com.sun.management.OperatingSystemMXBean;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;

import io.helidon.json.JsonNull;
import io.helidon.json.JsonNumber;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonValue;

/** Publishes how the machine, the JVM and the hub are doing, as JSON. */
public final class SystemFeed implements Feed {

    // The JVM tells the load of the CPU since it was asked before, and the first time something made up. So the first event
    // is without that, and without a rate of events. All is asked for on the feed's thread alone, from its first tick on: the
    // start need not wait for the beans.

    private final Hub hub;
    private final InstantSource clock;
    private final Ticker ticker;
    private @Nullable Count last;

    /** How many events there had been, at this {@link System#nanoTime}. */
    private record Count(long events, long nanos) {}

    /**
     * What was found. What the system does not tell is a number below 0, or none.
     *
     * @param time in epoch milliseconds
     * @param cores how many this process may use
     * @param systemCpu how much of the machine's (or container's) CPU is in use, 0 to 1
     * @param processCpu how much of it this process uses
     * @param load how many threads of the machine have run or wanted to, on average of the last minute
     * @param memory of the machine, or the container
     * @param heap of the JVM
     * @param threads how many platform threads live
     * @param subscribers how many are connected
     * @param eventsPerSecond how many events the hub has had since the last reading, those of the feeds among them
     */
    record Reading(long time, int cores, double systemCpu, double processCpu, double load, MachineMemory memory,
            MemoryUsage heap, int threads, int subscribers, double eventsPerSecond) {

        /** Rounded, so that it is short. What is not known is {@code null}. */
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

    /** Starts publishing to a topic at an interval of 0.1 seconds or more: in less, the CPU's load is not to be told. */
    public SystemFeed(Hub hub, String topic, Duration interval, InstantSource clock) {
        this.hub = hub;
        this.clock = clock;
        this.ticker = new Ticker("feed-system", interval, clock,
                () -> hub.publish(new Update(List.of(topic), read().json().toString(), "system", null, null, false)));
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
        ticker.close();
    }
}
