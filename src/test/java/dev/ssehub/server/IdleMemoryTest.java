package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import org.junit.jupiter.api.Test;

/** The memory of an idle subscriber, measured in bytes of the heap, so that the result does not depend on time. */
class IdleMemoryTest {
    private static final int SUBSCRIBERS = 500;
    /** The size of Helidon's read buffer. The request is read at once, like most requests. */
    private static final int READ_BUFFER = 8 * 1024;

    /** When the handler waited for the end of the stream, a stream took 25 KB, and with this cookie 41 KB. */
    @Test
    void freesTheRequestOfAnIdleStreamAndEverythingWithTheLastClient() throws IOException {
        try (Hub hub = TestHub.create(); HubServer server = TestHub.serve(hub)) {
            ByteBuffer request = StandardCharsets.ISO_8859_1.encode("GET /sse HTTP/1.1\r\nHost: localhost\r\nCookie: session="
                    + "x".repeat(READ_BUFFER - 500) + "\r\n\r\n");
            for (int i = 0; i < 2; i++) {
                close(hub, server, open(hub, server, request)); // creates what the hub then keeps
            }
            assertThat(hub.ended().recent().streams()).as("no more of the streams that ended are kept").hasSize(2 * SUBSCRIBERS);

            long before = TestHub.usedMemory();
            List<SocketChannel> clients = open(hub, server, request);
            long each = (TestHub.usedMemory() - before) / SUBSCRIBERS;
            assertThat(each).as("bytes per subscriber, with the client's half").isLessThan(READ_BUFFER + 10 * 1024);

            close(hub, server, clients);
            // a thread may still run although its stream is no longer counted
            await().atMost(Duration.ofSeconds(10)).untilAsserted(
                    () -> assertThat(TestHub.usedMemory() - before).as("bytes that stay").isLessThan(SUBSCRIBERS * 500L));
        }
    }

    private static List<SocketChannel> open(Hub hub, HubServer server, ByteBuffer request) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            SocketChannel client = SocketChannel.open(new InetSocketAddress("localhost", server.port()));
            client.write(request.duplicate());
            clients.add(client);
        }
        ByteBuffer answer = ByteBuffer.allocate(1024);
        for (SocketChannel client : clients) {
            do {
                answer.clear();
                client.read(answer);
            } while (!new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII).contains("retry: "));
        }
        assertThat(hub.subscribers()).isEqualTo(SUBSCRIBERS);
        return clients;
    }

    private static void close(Hub hub, HubServer server, List<SocketChannel> clients) throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear(); // their memory is not the hub's
        await().atMost(Duration.ofSeconds(5)).until(() -> hub.subscribers() == 0 && server.connections().count() == 0);
    }
}
