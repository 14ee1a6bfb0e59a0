package dev.ssehub.transport;

import module java.base;
import static dev.ssehub.transport.RecordingListener.local;
import static dev.ssehub.transport.RecordingListener.publication;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every transport does. */
public abstract class TransportContract {
    private final List<Transport> opened = new ArrayList<>();
    protected final RecordingListener listener = new RecordingListener();

    /** Opens a transport that is not started. */
    protected abstract Transport open();

    protected final Transport opened() {
        Transport transport = open();
        opened.add(transport);
        return transport;
    }

    protected final Transport start(RecordingListener to) {
        Transport transport = opened();
        transport.start(to, 0);
        return transport;
    }

    /** Closes what the transports need. */
    protected void closeConnections() {}

    @AfterEach
    void closeAll() {
        opened.forEach(Transport::close);
        closeConnections();
    }

    @Test
    void passesOnEverythingThatAnUpdateHas() {
        Transport transport = start(listener);
        String id = transport.publish(publication(new Update("a", "one\ntwo")));
        assertThat(HubId.parse(id)).isEqualTo(listener.positions().getFirst()).isGreaterThan(listener.beginning());
        assertThat(transport.publish(publication(new Update(List.of("a", "b ü"), "", "added", "own/1", 3_000L, true))))
                .isEqualTo("own/1");
        transport.publish(publication(new Update("a", "last").ending()));
        transport.publish(List.of(publication(new Update(List.of("a"), "", null, null, null, true).ending()),
                publication(new Update("a", "next"))));
        assertThat(listener.lines()).containsExactly("a|data: one|data: two",
                "a+b ü|event: added|retry: 3000|data:|id: own/1|private", "a|data: last|end",
                "a|data:|private|end", "a|data: next");
    }

    @Test
    void goesOnAfterTheNewestPositionOfTheHistory() {
        long before = HubId.position(System.currentTimeMillis() + 60_000, 7);
        Transport transport = opened();
        transport.start(listener, before);
        assertThat(listener.beginning()).isGreaterThanOrEqualTo(before);
        assertThat(HubId.parse(transport.publish(publication(new Update("a", "x"))))).isGreaterThan(before);
    }

    @Test
    void takesNothingBeforeTheStartAndAfterTheEnd() {
        Transport transport = opened();
        assertThatExceptionOfType(HubClosedException.class)
                .isThrownBy(() -> transport.publish(publication(new Update("a", "x"))));
        transport.start(listener, 0);
        transport.refuse();
        assertThatExceptionOfType(HubClosedException.class)
                .isThrownBy(() -> transport.publish(publication(new Update("a", "x"))));
        assertThatExceptionOfType(HubClosedException.class).isThrownBy(() -> transport.forget("a"));
        transport.close();
        transport.close();
        assertThat(listener.lines()).isEmpty();
    }

    /** Updates of concurrent publishers are passed on in the order of their ids, and so are those that are local. */
    @Test
    void passesOnInTheOrderOfTheIds() throws Exception {
        Transport transport = start(listener);
        int each = 500;
        Set<String> ids = ConcurrentHashMap.newKeySet();
        try (ExecutorService publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int p = 0; p < 8; p++) {
                String topic = "t" + p;
                boolean isLocal = p == 0;
                publishers.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        ids.add(transport.publish(isLocal ? local(topic, "" + i) : publication(new Update(topic, "" + i))));
                    }
                    return ids;
                });
            }
        }
        assertThat(ids).hasSize(8 * each);
        assertThat(listener.positions()).hasSize(8 * each).isSorted().doesNotHaveDuplicates()
                .allMatch(position -> ids.contains(HubId.text(position)));
        for (int p = 0; p < 8; p++) {
            String prefix = "t" + p + "|data: ";
            assertThat(listener.lines().stream().filter(line -> line.startsWith(prefix)).toList())
                    .isEqualTo(IntStream.range(0, each).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void passesOnUpdatesThatWerePublishedTogetherOneAfterTheOther() throws Exception {
        Transport transport = start(listener);
        int each = 50;
        Set<String> ids = ConcurrentHashMap.newKeySet();
        try (ExecutorService publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int p = 0; p < 8; p++) {
                String topic = "t" + p;
                publishers.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        String number = i + ".";
                        List<String> given = transport.publish(IntStream.range(0, 7)
                                .mapToObj(k -> publication(new Update(topic, number + k))).toList());
                        assertThat(given.stream().map(HubId::parse)).hasSize(7).isSorted();
                        ids.addAll(given);
                    }
                    return ids;
                });
            }
        }
        assertThat(ids).hasSize(8 * 7 * each);
        List<String> lines = listener.lines();
        for (int first = 0; first < lines.size(); first += 7) {
            String batch = lines.get(first).substring(0, lines.get(first).length() - 1);
            assertThat(lines.subList(first, first + 7)).isEqualTo(IntStream.range(0, 7).mapToObj(k -> batch + k).toList());
        }
    }

    @Test
    void forgetsATopic() {
        Transport transport = start(listener);
        transport.publish(publication(new Update("a", "x")));
        transport.forget("a");
        assertThat(listener.lines()).containsExactly("a|data: x", "forget a");
    }

    @Test
    void hasEverythingAfterCatchingUp() {
        Transport transport = start(listener);
        transport.publish(publication(new Update("a", "x")));
        assertThat(transport.catchUp()).isTrue();
        assertThat(transport.outage()).isEmpty();
        assertThat(listener.lines()).hasSize(1);
    }
}
