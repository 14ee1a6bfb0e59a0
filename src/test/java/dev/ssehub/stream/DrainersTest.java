package dev.ssehub.stream;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A few threads write to many streams, over real sockets. Some of the clients do not read. */
class DrainersTest {
    private static final int PUBLISHERS = 3;
    private static final int EVENTS = 2_000;

    private final Hub hub = TestHub.create(100_000, 1 << 28);
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestHub.serve(hub);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        assertThat(hub.subscribers()).isZero();
    }

    /** Each write to a stalled client blocks forever. There are many more stalled clients than threads that can write. */
    @Test
    void stalledClientsDoNotDelayOthers() throws IOException {
        List<SseClient> stalled = new ArrayList<>();
        for (int i = 0; i < 20 * Runtime.getRuntime().availableProcessors(); i++) {
            stalled.add(SseClient.withSmallWindow(server.port(), "/sse"));
        }
        String big = "x".repeat(50_000);
        try (SseClient reads = SseClient.opened(server.port(), "/sse")) {
            for (int i = 0; i < 50; i++) {
                hub.publish(new Update("t", i + " " + big)); // 2.5 MB each, more than the kernel buffers for a connection
                assertThat(reads.nextData()).startsWith(i + " ");
            }
            SseClient another = SseClient.opened(server.port(), "/sse");
            hub.publish(new Update("t", "still here"));
            assertThat(another.nextData()).isEqualTo("still here");
            another.close();
        }
        for (SseClient client : stalled) {
            assertThat(client.nextData()).as("a stalled client receives its events once it reads").startsWith("0 ");
            client.close();
        }
    }

    @Test
    void eachClientReceivesEachEventOnceAndInOrder() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Map<Integer, Integer>>> clients = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                SseClient client = i % 3 == 0
                        ? SseClient.withSmallWindow(server.port(), "/sse")
                        : SseClient.opened(server.port(), "/sse");
                boolean slow = i % 3 == 0;
                clients.add(threads.submit(() -> readAll(client, slow)));
            }
            for (int p = 0; p < PUBLISHERS; p++) {
                int publisher = p;
                threads.submit((Callable<Void>) () -> {
                    for (int i = 1; i <= EVENTS; i++) {
                        hub.publish(new Update("t", publisher + " " + i + " " + "x".repeat(i % 700)));
                    }
                    return null;
                });
            }
            for (Future<Map<Integer, Integer>> client : clients) {
                assertThat(client.get(60, TimeUnit.SECONDS)).hasSize(PUBLISHERS).allSatisfy(
                        (_, last) -> assertThat(last).isEqualTo(EVENTS));
            }
        }
    }

    /** Checks the order of the events, and remembers the last event of each publisher. */
    private static Map<Integer, Integer> readAll(SseClient client, boolean slow) throws IOException, InterruptedException {
        Map<Integer, Integer> last = new HashMap<>();
        try (client) {
            for (int i = 0; i < PUBLISHERS * EVENTS; i++) {
                if (slow && i % 500 == 0) {
                    TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(50)); // a slow client
                }
                String[] event = client.nextData().split(" ");
                int number = Integer.parseInt(event[1]);
                assertThat(number).isEqualTo(last.getOrDefault(Integer.valueOf(event[0]), 0) + 1);
                last.put(Integer.valueOf(event[0]), number);
            }
        }
        return last;
    }
}
