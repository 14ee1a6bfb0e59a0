package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Leases.Lease;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.server.FullDisk;
import dev.ssehub.transport.LocalTransport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who publishes the events of a feed, and who receives them, when there are several nodes. */
class ReachTest {
    private static final Duration OFTEN = Duration.ofMillis(10);

    @TempDir
    private Path folder;

    /** A lease that the test gives and takes. */
    private static final class TestLease implements Lease {
        private final AtomicInteger questions = new AtomicInteger();
        private volatile boolean held;
        private volatile boolean closed;

        @Override
        public boolean isHeld() {
            questions.incrementAndGet();
            return held && !closed;
        }

        @Override
        public void close() {
            closed = true;
        }

        /** Waits until the feed has noticed. */
        void give(boolean held) {
            this.held = held;
            int before = questions.get();
            await().atMost(Duration.ofSeconds(10)).until(() -> questions.get() >= before + 3);
        }
    }

    /** Returns a transport that knows which updates it took for this node only. */
    private static Transport noting(Queue<Boolean> local) {
        Transport transport = new LocalTransport(InstantSource.system());
        return (Transport) Proxy.newProxyInstance(Transport.class.getClassLoader(), new Class<?>[]{Transport.class},
                (_, method, arguments) -> {
                    if (arguments != null && arguments[0] instanceof List<?> publications) {
                        publications.forEach(each -> local.add(((Transport.Publication) each).local()));
                    }
                    try {
                        return method.invoke(transport, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void theEventsOfANodeStayThere() throws Exception {
        Queue<Boolean> local = new ConcurrentLinkedQueue<>();
        Path file = Files.createFile(folder.resolve("log"));
        try (Events events = new Events("*", noting(local));
                Feed _ = new TimeFeed(events.hub, "time", OFTEN, Clock.systemUTC(), Reach.NODE);
                Feed _ = new SystemFeed(events.hub, "system", Duration.ofMillis(100), InstantSource.system(), Reach.NODE);
                Feed _ = new LogFeed(events.hub, "log", OFTEN, file, InstantSource.system(), Reach.NODE)) {
            Files.writeString(file, "one\n");
            Set<String> types = new HashSet<>();
            while (types.size() < 3) {
                types.add(events.next().type());
            }
            assertThat(local).doesNotContain(false);
        }
    }

    @Test
    void theStandardInputGoesToAllNodes() throws Exception {
        Queue<Boolean> local = new ConcurrentLinkedQueue<>();
        Pipe pipe = Pipe.open();
        try (Events events = new Events("*", noting(local)); Feed _ = new StdinFeed(events.hub, "stdin", pipe.source())) {
            pipe.sink().write(ByteBuffer.wrap("1\n".getBytes(UTF_8)));
            assertThat(events.next().data()).isEqualTo("1");
            assertThat(local).containsExactly(false);
        }
    }

    @Test
    void aFeedOfTheClusterPublishesWhileItsNodeHasTheLease() throws Exception {
        Queue<Boolean> local = new ConcurrentLinkedQueue<>();
        TestLease lease = new TestLease();
        try (Events events = new Events("*", noting(local))) {
            Feed feed = new TimeFeed(events.hub, "time", OFTEN, Clock.systemUTC(), new Reach(lease, false));
            lease.give(false);
            assertThat(local).isEmpty();

            lease.give(true);
            assertThat(events.next().data()).startsWith("Server time: ");
            lease.give(false);
            int published = local.size();
            lease.give(false);
            assertThat(local).hasSize(published).doesNotContain(true);

            feed.close();
            assertThat(lease.closed).isTrue();
        }
    }

    @Test
    void theLogFeedBeginsAtTheEndOfItsFileEachTimeItsNodeGetsTheLease() throws Exception {
        TestLease lease = new TestLease();
        Path file = Files.writeString(folder.resolve("log"), "before the start\n");
        try (Events events = new Events("*");
                Feed _ = new LogFeed(events.hub, "log", OFTEN, file, InstantSource.system(), new Reach(lease, false))) {
            for (int i = 0; i < 3; i++) {
                append(file, "another node publishes\n");
                lease.give(true);
                append(file, "line " + i + "\nand one more\n");
                assertThat(events.lines(2)).containsExactly("line " + i, "and one more");
                lease.give(false);
            }
            assertThat(events.isEmpty()).isTrue();
        }
    }

    /** Otherwise it would be published when the transport works again, although another node publishes by then. */
    @Test
    void anEventThatWaitsIsLostWithTheLease() throws Exception {
        FullDisk disk = new FullDisk();
        TestLease lease = new TestLease();
        lease.held = true;
        try (Events events = new Events("*", disk)) {
            Source source = new Source(events.hub, PublishedBy.TIME_FEED, new Reach(lease, false), OFTEN);
            disk.fill();
            Thread thread = Thread.ofPlatform().start(() -> source.publish(new Update("time", "old")));
            await().atMost(Duration.ofSeconds(10)).until(() -> disk.refused() >= 2);
            lease.held = false;
            assertThat(thread.join(Duration.ofSeconds(10))).isTrue();

            disk.free();
            lease.held = true;
            source.publish(new Update("time", "new"));
            assertThat(events.next().data()).isEqualTo("new");
        }
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }
}
