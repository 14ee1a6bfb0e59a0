package dev.ssehub.feed;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonValueType;
import java.lang.management.MemoryUsage;
import org.junit.jupiter.api.Test;

class SystemFeedTest {
    @Test
    void aReadingIsShortJson() {
        SystemFeed.Reading reading = new SystemFeed.Reading(1_795_515_491_008L, 2, 0.12345, 1.0 / 3, 0.519,
                new MachineMemory(3, 4),
                new MemoryUsage(0, 5, 5, 6), 17, 3, 12.499);

        assertThat(reading.json()).hasToString("{\"time\":1795515491008,\"cores\":2,\"cpu\":{\"system\":0.123,\"process\":0.333},"
                + "\"load\":0.52,\"memory\":{\"used\":3,\"total\":4},\"heap\":{\"used\":5,\"max\":6},\"threads\":17,"
                + "\"subscribers\":3,\"eventsPerSecond\":12.5}");
    }

    @Test
    void anUnknownValueIsNull() {
        SystemFeed.Reading reading = new SystemFeed.Reading(1, 2, -1, Double.NaN, -1, new MachineMemory(-1, -1),
                new MemoryUsage(-1, 5, 5, -1), 17, 3, Double.POSITIVE_INFINITY);

        assertThat(reading.json()).hasToString("{\"time\":1,\"cores\":2,\"cpu\":{\"system\":null,\"process\":null},"
                + "\"load\":null,\"memory\":{\"used\":null,\"total\":null},\"heap\":{\"used\":5,\"max\":null},\"threads\":17,"
                + "\"subscribers\":3,\"eventsPerSecond\":null}");
    }

    /** The first event lacks the values that need two readings. */
    @Test
    void publishesTheLoadOfThisMachine() throws Exception {
        try (Events events = new Events("system");
                SystemFeed _ = new SystemFeed(events.hub, "system", Duration.ofMillis(200), InstantSource.system(), Reach.NODE)) {
            Events.Event event = events.next();
            assertThat(event.type()).isEqualTo("system");
            JsonObject first = JsonParser.create(event.data()).readJsonObject();
            assertThat(isNull(first, "eventsPerSecond")).isTrue();
            assertThat(isNull(first.objectValue("cpu").orElseThrow(), "system")).isTrue();
            assertThat(isNull(first.objectValue("cpu").orElseThrow(), "process")).isTrue();

            JsonObject second = JsonParser.create(events.next().data()).readJsonObject();
            assertThat(second.doubleValue("time").orElseThrow()).isBetween(System.currentTimeMillis() - 10_000.0,
                    (double) System.currentTimeMillis());
            assertThat(second.intValue("cores").orElseThrow()).isEqualTo(Runtime.getRuntime().availableProcessors());
            assertThat(second.objectValue("cpu").orElseThrow().doubleValue("process").orElseThrow()).isBetween(0.0, 1.0);
            assertThat(second.doubleValue("eventsPerSecond").orElseThrow()).isBetween(0.1, 10.0);
            assertThat(second.intValue("subscribers").orElseThrow()).isEqualTo(1);
            assertThat(second.intValue("threads").orElseThrow()).isPositive();
            for (String memory : new String[]{"memory", "heap"}) {
                JsonObject bytes = second.objectValue(memory).orElseThrow();
                String most = memory.equals("heap") ? "max" : "total";
                assertThat(bytes.doubleValue("used").orElseThrow()).isBetween(1e6, bytes.doubleValue(most).orElseThrow());
            }
        }
    }

    /** Outside containers, the file cache does not count as used. In a limited container, only the JVM knows the limit. */
    @Test
    void usedMemoryIsTheMemoryThatIsNotAvailable() {
        String meminfo = """
                MemTotal:       24684092 kB
                MemFree:        1000000 kB
                MemAvailable:   20000000 kB
                """;
        long total = 24_684_092L * 1024;

        assertThat(MachineMemory.of(total, 1_024_000_000, meminfo)).isEqualTo(new MachineMemory(4_684_092L * 1024, total));
        assertThat(MachineMemory.of(1_000_000, 400_000, meminfo)).isEqualTo(new MachineMemory(600_000, 1_000_000));
        assertThat(MachineMemory.of(total, 1_024_000_000, "")).isEqualTo(new MachineMemory(total - 1_024_000_000, total));
    }

    private static boolean isNull(JsonObject object, String name) {
        return object.value(name).orElseThrow().type() == JsonValueType.NULL;
    }
}
