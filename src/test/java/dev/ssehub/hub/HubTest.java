package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus.Stall;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The core, step by step: the hub has no thread, the tests drain the subscribers and move the clock. */
class HubTest {
    private static final int WRITE_SIZE = 8 * 1024;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong now = new AtomicLong();
    /** Mailboxes, and large events that stalled clients receive, may each take an eighth. */
    private static final long HEAP = 64 << 20;
    private static final String MEBIBYTE = "x".repeat(1 << 20);

    private final AtomicLong millis = new AtomicLong(1_000);
    private final List<Subscriber> ready = new ArrayList<>();
    private final Hub hub = hub(4, 8);

    private Hub hub(int mailbox, int history) {
        return hub(mailbox, history, 1 << 20);
    }

    private Hub hub(int mailbox, int history, int historyBytes) {
        Limits limits = new Limits(history, Duration.ofHours(1), historyBytes);
        return new Hub(
                new HubSettings(Duration.ofSeconds(10), Duration.ofSeconds(5), new Mailbox.Limits(mailbox, 1 << 20), limits),
                new MemoryHistory(limits, now::get),
                new LocalTransport(() -> Instant.ofEpochMilli(millis.incrementAndGet())), new NoMetrics(), () -> Instant.EPOCH,
                now::get, HEAP);
    }

    @Test
    void deliversOnlyToTheSubscribersOfATopic() {
        Client a = subscribe("a");
        Client both = subscribe("a", "b");
        Client all = subscribe("*");
        Client none = subscribe("c");

        publish("a", "1");
        publish("b", "2");
        hub.publish(new Update(List.of("a", "b"), "3", null, null, null, false));

        assertThat(a.received()).containsExactly("1", "3");
        assertThat(both.received()).containsExactly("1", "2", "3");
        assertThat(all.received()).containsExactly("1", "2", "3");
        assertThat(none.received()).isEmpty();
    }

    @Test
    void requestsOneDrainerForAnyNumberOfWaitingEvents() {
        Client client = subscribe("a");
        publish("a", "1");
        publish("a", "2");
        assertThat(ready).containsExactly(client.subscriber);

        assertThat(client.received()).containsExactly("1", "2");
        assertThat(client.writes).isEqualTo(1);
        assertThat(ready).isEmpty();
        publish("a", "3");
        assertThat(ready).containsExactly(client.subscriber);
    }

    @Test
    void anEventBeforeTheFirstDrainWaits() {
        Client client = new Client();
        client.subscriber = hub.subscribe(new Subscription(selectors("a")), ready::add);
        publish("a", "1");

        assertThat(ready).isEmpty();
        assertThat(client.received()).containsExactly("1");
    }

    @Test
    void aSlowSubscriberCatchesUpFromTheHistoryAndIsLiveAgain() {
        Client slow = subscribe("a");
        for (int i = 1; i <= 7; i++) {
            publish("a", "" + i);
        }
        assertThat(slow.received()).containsExactly("1", "2", "3", "4", "5", "6", "7");
        publish("a", "8");
        assertThat(slow.received()).containsExactly("8");
    }

    @Test
    void eventsOfOtherTopicsAreNoGap() {
        Client rare = subscribe("rare");
        publish("rare", "0");
        assertThat(rare.received()).containsExactly("0");
        for (int i = 0; i < 20; i++) {
            publish("busy", "more than the history holds");
        }
        for (int i = 1; i <= 5; i++) {
            publish("rare", "" + i); // more than the mailbox holds, and more than half of the history
        }
        assertThat(rare.received()).first().asString().startsWith("gap ");
        publish("busy", "evicts an event of busy, which holds as many as rare");
        for (int i = 6; i <= 8; i++) {
            publish("rare", "" + i);
        }
        assertThat(rare.received()).containsExactly("6", "7", "8");
    }

    @Test
    void aGapPrecedesTheEventsThatFollowIt() {
        Client slow = subscribe("a");
        String first = publish("a", "1");
        assertThat(slow.received()).containsExactly("1");
        for (int i = 2; i <= 20; i++) {
            publish("a", "" + i);
        }

        List<String> received = slow.received();
        assertThat(received).hasSize(9);
        assertThat(received.getFirst())
                .isEqualTo("gap {\"requested\":\"" + first + "\",\"oldest\":\"1014-0\",\"newest\":\"1021-0\"}");
        assertThat(received.subList(1, 9)).containsExactly("13", "14", "15", "16", "17", "18", "19", "20");
    }

    @Test
    void resumesAfterTheLastEventThatTheClientHas() {
        publish("a", "1");
        String second = publish("a", "2");
        publish("b", "other");
        publish("a", "3");

        Client client = resume(second, "a");

        assertThat(client.received()).containsExactly("3");
        publish("a", "4");
        assertThat(client.received()).containsExactly("4");
    }

    @Test
    void anUnknownIdIsAGapFollowedByTheWholeHistory() {
        assertThat(resume("\"\\\u0001?", "a").received())
                .containsExactly("gap {\"requested\":\"\\\"\\\\\\u0001?\",\"oldest\":null,\"newest\":null}");
        publish("a", "1");
        assertThat(resume("5-5", "a").received())
                .containsExactly("gap {\"requested\":\"5-5\",\"oldest\":\"1002-0\",\"newest\":\"1002-0\"}", "1");
    }

    @Test
    void aHubWithoutAHistoryStillAnnouncesLostEvents() {
        Hub forgetful = hub(2, 0);
        Client slow = new Client();
        slow.subscriber = forgetful.subscribe(new Subscription(selectors("a")), ready::add);
        for (int i = 0; i < 3; i++) {
            forgetful.publish(new Update("a", "lost"));
        }

        assertThat(slow.received()).containsExactly("gap {\"requested\":\"1002-0\",\"oldest\":null,\"newest\":null}");
    }

    @Test
    void onlyAnIdleStreamReceivesAHeartbeat() {
        Client client = subscribe("a");
        now.addAndGet(8 * SECOND);
        hub.caretaker().check();
        assertThat(client.raw()).isEmpty();

        publish("a", "1");
        assertThat(client.received()).containsExactly("1");
        now.addAndGet(8 * SECOND);
        hub.caretaker().check();
        assertThat(client.raw()).isEmpty();

        now.addAndGet(2 * SECOND);
        hub.caretaker().check();
        hub.caretaker().check();
        assertThat(client.raw()).isEqualTo(": heartbeat\n\n");
        client.beforeWrite = _ -> Assertions.fail("it is not due twice");
        client.subscriber.close(DisconnectReason.SHUTDOWN);
        assertThat(client.raw()).isEmpty();
    }

    /** A heartbeat tells the client that it has received everything. It is not needed if something else is written. */
    @Test
    void aHeartbeatIsWrittenOnlyIfNothingElseWaits() {
        Client overtaken = subscribe("a");
        Client ended = subscribe("b");
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();
        publish("a", "1");
        assertThat(overtaken.raw()).contains("data: 1").doesNotContain("heartbeat");
        ended.subscriber.abort(DisconnectReason.TOO_SLOW);
        assertThat(ended.raw()).isEmpty();
    }

    @Test
    void aHangingWriteIsInterruptedAndItsSubscriberClosed() {
        Client client = subscribe("a");
        publish("a", "1");
        assertThat(ready).containsExactly(client.subscriber);

        client.subscriber.drain(_ -> {
            now.addAndGet(4 * SECOND);
            hub.caretaker().check();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            now.addAndGet(SECOND);
            hub.caretaker().check();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }, Assertions::fail);
        assertThat(Thread.currentThread().isInterrupted()).as("the next subscriber of this drainer is not interrupted").isFalse();

        assertThat(client.subscriber.closed()).isEqualTo(DisconnectReason.TOO_SLOW);
    }

    @Test
    void nothingIsWrittenToASubscriberThatHasLeft() {
        Client client = subscribe("a");
        publish("a", "1");
        hub.unsubscribe(client.subscriber, DisconnectReason.CLIENT_GONE);

        assertThat(client.subscriber.drain(_ -> fail("it has left"), Assertions::fail)).isEqualTo(Next.END);
    }

    @Test
    void aDrainerWritesOnceAndCanServeOthersBeforeItContinues() {
        Client client = subscribe("a");
        for (int i = 0; i < 3; i++) {
            publish("a", "x".repeat(WRITE_SIZE / 2));
        }
        List<Integer> writes = new ArrayList<>();
        Consumer<List<byte[]>> writer = frames -> writes.add(frames.size());

        assertThat(client.subscriber.drain(writer, Assertions::fail)).isEqualTo(Next.MORE);
        publish("a", "while it is still the drainer's");
        assertThat(client.subscriber.drain(writer, Assertions::fail)).isEqualTo(Next.MORE);
        assertThat(client.subscriber.drain(writer, Assertions::fail)).isEqualTo(Next.NOTHING);
        assertThat(writes).containsExactly(1, 1, 2);
        assertThat(ready).as("requested once").containsExactly(client.subscriber);
    }

    /** If the hub ended their streams, one pause of many steady readers would end them all. */
    @Test
    void subscribersCatchUpFromTheHistoryWhenAllMailboxesTogetherAreFull() {
        Hub large = hub(10, 1_000);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Client client = new Client();
            client.subscriber = large.subscribe(new Subscription(selectors("topic " + i)), ready::add);
            client.received();
            clients.add(client);
        }
        for (int event = 0; event < 6; event++) {
            for (int i = 0; i < 20; i++) {
                large.publish(new Update("topic " + i, event + "x".repeat(100_000)));
                assertThat(large.mailboxes().taken()).isLessThanOrEqualTo(HEAP / 8);
            }
        }
        large.caretaker().check();
        for (Client client : clients) {
            assertThat(client.received().getLast()).as("the last event, or the gap that stands for it")
                    .matches(data -> data.startsWith("5x") || data.startsWith("gap "));
            assertThat(client.subscriber.closed()).isNull();
        }
        assertThat(large.mailboxes().taken()).isZero();
        large.close();
    }

    @Test
    void theMailboxOfAStalledClientIsClearedIfTheHistoryHoldsItsEvents() {
        String large = "x".repeat(2_000);
        String[] second = new String[1];
        Client slow = subscribe("a");
        publish("a", "1");
        slow.beforeWrite = _ -> {
            slow.beforeWrite = _ -> {};
            second[0] = publish("a", large);
            publish("a", "3");
            now.addAndGet(SECOND);
            long third = hub.history().newest();
            slow.subscriber.stall(SECOND, third); // the history holds neither event
            slow.subscriber.stall(SECOND, HubId.parse(second[0])); // the history holds only the second event
            assertThat(hub.mailboxes().taken()).isPositive();
            hub.caretaker().check();
            assertThat(hub.mailboxes().taken()).isZero();
            publish("a", "4");
        };
        assertThat(slow.received()).containsExactly("1", large, "3", "4");
        publish("a", "5");
        assertThat(slow.received()).containsExactly("5");
    }

    @Test
    void theStreamsOfTheOldestWritesEndFirst() {
        Object shared = new Object();
        Object another = new Object();
        Object recent = new Object();
        List<Subscriber> subscribers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            subscribers.add(subscribe("a").subscriber);
        }
        long justNow = 1;
        Map<Subscriber, Stall> stalls = Map.of(subscribers.get(0), new Stall(30 * SECOND, 30 * SECOND, shared, 100),
                subscribers.get(1), new Stall(50 * SECOND, 5 * SECOND, shared, 100),
                subscribers.get(2), new Stall(40 * SECOND, 5 * SECOND, another, 100),
                subscribers.get(3), new Stall(60 * SECOND, justNow, recent, 50));

        Caretaker.limit(stalls, 250);
        assertThat(subscribers).allMatch(subscriber -> subscriber.closed() == null);
        Caretaker.limit(stalls, 150);
        assertThat(subscribers).extracting(Subscriber::closed).as("the frame of the first two is shared")
                .containsExactly(null, DisconnectReason.TOO_SLOW, DisconnectReason.TOO_SLOW, null);
        Caretaker.limit(Map.of(subscribers.get(3), stalls.get(subscribers.get(3))), 25);
        assertThat(subscribers.get(3).closed()).as("it has just read something").isNull();
        Caretaker.limit(Map.of(subscribers.get(3), stalls.get(subscribers.get(3))), 24);
        assertThat(subscribers.get(3).closed()).isEqualTo(DisconnectReason.TOO_SLOW);
    }

    /** Each subscriber is receiving a different large event. Together, they exceed the limit. */
    @Test
    void theCaretakerClosesTheLongestStalledSubscribersIfAllHoldTooMuch() {
        List<Subscriber> stalled = new ArrayList<>();
        for (int i = 0; i < HEAP / 8 / MEBIBYTE.length() + 2; i++) {
            stalled.add(subscribe("topic " + i).subscriber);
        }

        stallOneAfterTheOther(stalled, 0, () -> {
            now.addAndGet(3 * SECOND);
            hub.caretaker().check();
        });
        assertThat(stalled.subList(0, 2)).extracting(Subscriber::closed).containsOnly(DisconnectReason.TOO_SLOW);
        assertThat(stalled.subList(3, stalled.size())).extracting(Subscriber::closed).containsOnlyNulls();
    }

    private void stallOneAfterTheOther(List<Subscriber> stalled, int number, Runnable then) {
        if (number == stalled.size()) {
            then.run();
            return;
        }
        now.incrementAndGet();
        AtomicBoolean stalls = new AtomicBoolean(true);
        publish("topic " + number, MEBIBYTE);
        stalled.get(number).drain(_ -> {
            if (stalls.getAndSet(false)) {
                stallOneAfterTheOther(stalled, number + 1, then);
            }
        }, () -> {});
    }

    @Test
    void aLongIdleTimeIsNoHangingWrite() {
        Client client = subscribe("a");
        now.addAndGet(8 * SECOND); // longer than the write timeout
        publish("a", "1");
        hub.caretaker().check(); // before the drainer has begun

        assertThat(client.subscriber.closed()).isNull();
        assertThat(client.received()).containsExactly("1");
    }

    @Test
    void aLargeFrameIsWrittenInPartsSoThatASlowWriteMakesProgress() {
        Client client = subscribe("a");
        String big = "x".repeat(10 * WRITE_SIZE);
        publish("a", "before");
        publish("a", big);
        publish("a", "after");
        client.beforeWrite = _ -> {
            now.addAndGet(4 * SECOND);
            hub.caretaker().check();
        };

        assertThat(client.received()).containsExactly("before", big, "after");
        assertThat(client.subscriber.closed()).isNull();
        assertThat(client.largestWrite).isLessThanOrEqualTo(WRITE_SIZE);
    }

    @Test
    void aSubscriberThatLeavesIsRemovedAndKeepsItsFirstReason() {
        Client a = subscribe("a", "*");
        Client b = subscribe("b");
        assertThat(hub.subscribers()).isEqualTo(2);

        hub.unsubscribe(a.subscriber, DisconnectReason.CLIENT_GONE);
        hub.unsubscribe(a.subscriber, DisconnectReason.TOO_SLOW);
        hub.unsubscribe(b.subscriber, DisconnectReason.CLIENT_GONE);
        publish("a", "1");

        assertThat(hub.subscribers()).isZero();
        assertThat(a.subscriber.closed()).isEqualTo(DisconnectReason.CLIENT_GONE);
        assertThat(a.received()).isEmpty();
        assertThat(ready).as("no drainer is requested for a subscriber that has left").isEmpty();
    }

    @Test
    void aTemplateSelectsItsExpansionsAndNoEventIsDeliveredTwice() {
        Client client = subscribe("/books/{id}", "/books/1", "/{section}/1");

        hub.publish(new Update(List.of("/books/1", "/books/2"), "1", null, null, null, false));
        publish("/books/1/reviews", "2");
        publish("/films/1", "3");

        assertThat(client.received()).containsExactly("1", "3");
    }

    @Test
    void aClientCanResumeFromAPublishersId() {
        Client client = subscribe("a");
        assertThat(publish("a", "urn:1", "1")).isEqualTo("urn:1");
        publish("a", "2");

        assertThat(client.raw()).isEqualTo("id: urn:1\ndata: 1\n\nid: 1003-0\ndata: 2\n\n");
        assertThat(resume("urn:1", "a").received()).containsExactly("2");
    }

    @Test
    void anIdIsNotDeliveredAgainWhileTheHistoryHoldsIt() {
        Client client = subscribe("a");
        publish("a", "urn:1", "1");
        assertThat(publish("a", "urn:1", "again")).isEqualTo("urn:1");
        assertThat(client.received()).containsExactly("1");

        for (int i = 2; i <= 9; i++) { // as many as the history holds
            publish("a", "" + i);
            assertThat(client.received()).containsExactly("" + i);
        }
        publish("a", "urn:1", "it is forgotten by now");
        assertThat(client.received()).containsExactly("it is forgotten by now");
    }

    @Test
    void theSameIdInAnotherTopicIsAnotherEvent() {
        Client client = subscribe("a", "b");
        publish("a", "order-1", "a's");
        publish("b", "order-1", "b's");
        publish("b", "order-1", "b's again");
        publish("a", "next");

        assertThat(client.received()).containsExactly("a's", "b's", "next");
        assertThat(resume("order-1", "a").received()).as("it is not known which of the two events the client has")
                .containsExactly(
                        "gap {\"requested\":\"order-1\",\"oldest\":\"1002-0\",\"newest\":\"1005-0\"}", "a's", "next");
    }

    @Test
    void anIdThatIsUsedAgainDoesNotHideAGap() {
        publish("a", "order-1", "1");
        for (int i = 2; i <= 9; i++) {
            publish("a", "" + i);
        }
        publish("a", "order-1", "again");

        assertThat(resume("order-1", "a").received()).hasSize(9).first().asString().startsWith("gap ");
    }

    @Test
    void privateEventsReachOnlySubscribersWithAPermission() {
        Client granted = subscribe("granted", "a");
        Client notGranted = new Client();
        notGranted.subscriber = hub.subscribe(new Subscription(selectors("*")), ready::add);
        String start = publish("a", "0");

        hub.publish(new Update(List.of("a", "granted"), "1", null, "urn:secret", null, true));
        hub.publish(new Update(List.of("a"), "2", null, null, null, true));
        publish("a", "3");

        assertThat(granted.received()).containsExactly("0", "1", "3");
        assertThat(notGranted.received()).containsExactly("0", "3");
        assertThat(resume(start, "a").received()).as("nor are they read from the history").containsExactly("1", "3");
        Client late = new Client();
        late.subscriber = hub.subscribe(new Subscription(selectors("*"), permission(), start, true, false, true), ready::add);
        assertThat(late.received()).containsExactly("3");
    }

    /** A client that shares a stream among several readers must know which of them need an event. */
    @Test
    void anAnnotatedEventNamesTheMatchingSelectors() {
        String start = publish("other", "0");
        hub.publish(new Update(List.of("/books/1", "granted", "secret"), "private", null, "own", null, true));
        Client late = open(new Subscription(selectors("*", "/books/{id}", "/books/1", "*"), permission("granted"), start, true,
                true, true));

        assertThat(late.raw()).as("of a private event, only the topics that the subscriber may know").isEqualTo(
                "at: 1003-0\ntopic: granted\nselector: *\nselector: /books/1\nselector: /books/{id}\nid: own\ndata: private\n\n");
        hub.publish(new Update(List.of("ä", "/books/2"), "live", "t", null, null, false));
        assertThat(late.raw()).isEqualTo("at: 1004-0\ntopic: ä\ntopic: /books/2\nselector: *\nselector: /books/{id}\n"
                + "id: 1004-0\nevent: t\ndata: live\n\n");
    }

    /** The annotation can be much longer than the event, but the size of a write is still limited. */
    @Test
    void annotationsCountAsBytesOfAWrite() {
        List<String> names = IntStream.range(0, 300).mapToObj(i -> "x".repeat(1_000) + i).toList();
        Hub large = hub(4, 100, 1 << 22);
        Client client = new Client();
        client.subscriber = large.subscribe(
                new Subscription(selectors(names.toArray(String[]::new)), permission(), Update.EARLIEST, true, true, true),
                ready::add);
        for (int i = 0; i < 4; i++) {
            large.publish(new Update(names.subList(i, i + 20), "" + i, null, null, null, false));
        }
        String raw = client.raw();

        assertThat(client.largestWrite).isLessThanOrEqualTo(WRITE_SIZE);
        assertThat(raw.split("\n\n")).hasSize(4).allMatch(frame -> frame.split("\n").length == 1 + 20 + 20 + 2);
    }

    /** Hundreds of subscribers can receive the same megabyte at once. They share one copy. */
    @Test
    void anAnnotatedEventIsNotCopied() {
        List<Object> held = new ArrayList<>();
        List<Client> clients = List.of(open(new Subscription(selectors("a", "{x}"), permission(), null, true, true, true)),
                open(new Subscription(selectors("a"), permission(), null, true, true, true)), subscribe("a"));
        clients.forEach(client -> assertThat(client.raw()).isEmpty());
        hub.publish(new Update("a", "x".repeat(100_000)));
        for (Client client : clients) {
            client.beforeWrite = frames -> {
                assertThat(frames).allMatch(frame -> frame.length <= WRITE_SIZE);
                now.addAndGet(2 * SECOND);
                held.add(client.subscriber.stall(SECOND, 0).frame());
            };
            assertThat(client.raw()).endsWith("x\n\n");
        }
        assertThat(held).hasSizeGreaterThan(60);
        assertThat(held.stream().map(System::identityHashCode).distinct()).as("the event's own").hasSize(1);
    }

    @Test
    void aStreamThatIsNotLiveEndsAfterTheHistory() {
        String first = publish("a", "1");
        publish("a", "2");
        publish("b", "other");
        Client all = open(new Subscription(selectors("a"), permission(), Update.EARLIEST, false, false, true));
        Client some = open(new Subscription(selectors("a"), permission(), first, false, false, true));
        Client none = open(new Subscription(selectors("a"), permission(), null, false, false, true));
        Client unknown = open(new Subscription(selectors("a"), permission(), "1-1", false, false, true));
        for (int i = 0; i < 3; i++) {
            publish("a", "later");
        }

        assertThat(all.received()).startsWith("1", "2");
        assertThat(some.received()).startsWith("2");
        assertThat(none.received()).isEmpty();
        assertThat(unknown.received()).startsWith(
                "gap {\"requested\":\"1-1\",\"oldest\":\"1002-0\",\"newest\":\"1007-0\"}", "1", "2");
        for (Client client : List.of(all, some, none, unknown)) {
            assertThat(client.ended).isTrue();
            assertThat(client.subscriber.closed()).isEqualTo(DisconnectReason.CAUGHT_UP);
        }
    }

    /** The end of the stream is set when it starts. */
    @Test
    void aStreamThatIsNotLiveEndsAlthoughEventsArePublished() {
        publish("a", "x".repeat(WRITE_SIZE));
        publish("a", "last");
        Client client = open(new Subscription(selectors("a"), permission(), Update.EARLIEST, false, false, true));
        client.beforeWrite = _ -> {
            publish("b", "more");
            publish("a", "more");
        };

        assertThat(client.received()).contains("last").hasSizeLessThan(20);
        assertThat(client.ended).isTrue();
    }

    /** A publisher's id can disclose something private, so a client without a permission receives a checkpoint instead. */
    @Test
    void theIdOfAPrivateEventIsNotDisclosed() {
        Client client = subscribe("quiet");
        hub.publish(new Update(List.of("a"), "1", null, "urn:secret", null, true));
        assertThat(hub.lastEventId()).isEqualTo("1002-0");
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();

        assertThat(client.raw()).isEqualTo("id: 1002-0\n: heartbeat\n\n");
        assertThat(resume("unknown", "quiet").received()).singleElement().asString()
                .isEqualTo("gap {\"requested\":\"unknown\",\"oldest\":null,\"newest\":null}");
        assertThat(subscribe("quiet").subscriber.startId()).isEqualTo("1002-0");
    }

    @Test
    void aClientWithoutAnEventCanResume() {
        String start = subscribe("a").subscriber.startId();
        assertThat(start).isEqualTo("1001-0");
        publish("a", "1");

        assertThat(resume(start, "a").received()).containsExactly("1");
        assertThat(subscribe("a").subscriber.startId()).isEqualTo("1002-0");
    }

    @Test
    void aQuietTopicResumesFromTheLastHeartbeatWithoutAGap() {
        Client client = subscribe("quiet");
        publish("quiet", "1");
        assertThat(client.received()).containsExactly("1");
        for (int i = 0; i < 20; i++) {
            publish("busy", "more than the history holds");
        }
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();
        String heartbeat = client.raw();
        assertThat(heartbeat).matches("id: \\d+-0\n: heartbeat\n\n");
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();
        assertThat(client.raw()).as("there is no newer checkpoint").isEqualTo(": heartbeat\n\n");

        // also after the client has caught up and found no event for it
        Client resumed = resume(heartbeat.substring(4, heartbeat.indexOf('\n')), "quiet");
        publish("busy", "news elsewhere");
        assertThat(resumed.received()).isEmpty();
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();
        assertThat(resumed.raw()).matches("id: \\d+-0\n: heartbeat\n\n");
        hub.caretaker().check();

        publish("quiet", "2");
        assertThat(resume(heartbeat.substring(4, heartbeat.indexOf('\n')), "quiet").received()).containsExactly("2");
    }

    @Test
    void aGapIsSentOnceAndBeginsAtTheLastIdOfTheClient() {
        Client client = subscribe("quiet");
        publish("busy", "0");
        now.addAndGet(10 * SECOND);
        hub.caretaker().check();
        assertThat(client.raw()).isEqualTo("id: 1002-0\n: heartbeat\n\n");
        for (int i = 1; i <= 9; i++) {
            publish("quiet", "" + i); // more than the mailbox and the history hold
        }
        String gap = client.raw();
        assertThat(gap).startsWith("id: 1004-0\nevent: gap\n"
                + "data: {\"requested\":\"1002-0\",\"oldest\":\"1005-0\",\"newest\":\"1011-0\"}\n\nid: 1005-0\n");

        assertThat(resume("1004-0", "quiet").received()).as("the client resumes from the id of the gap").hasSize(7);
        publish("quiet", "10");
        assertThat(resume("1004-0", "quiet").received()).as("and then there is another").hasSize(8);
    }

    @Test
    void earliestIsTheWholeHistoryWithoutAGap() {
        assertThat(resume("earliest", "a").received()).isEmpty();
        assertThat(hub.lastEventId()).isEqualTo("earliest");
        for (int i = 1; i <= 10; i++) {
            publish("a", "" + i);
        }
        Client client = resume("earliest", "a");
        assertThat(client.subscriber.startId()).isEqualTo("1001-0");
        assertThat(client.received()).containsExactly("3", "4", "5", "6", "7", "8", "9", "10");
        assertThat(hub.lastEventId()).isEqualTo("1011-0");
    }

    /** This does not depend on new events, which would evict it. */
    @Test
    void anExpiredEventIsNotSent() {
        publish("a", "1");
        now.addAndGet(3600 * SECOND + 1);
        assertThat(resume("earliest", "a").received()).isEmpty();
        publish("a", "2");
        Client slower = resume("earliest", "a");
        now.addAndGet(3600 * SECOND + 1);
        assertThat(slower.received()).singleElement().asString().startsWith("gap ");
        publish("a", "3");
        now.addAndGet(3600 * SECOND + 1);
        hub.caretaker().check();
        assertThat(hub.history().completeAfter()).isEqualTo(hub.history().newest());
    }

    @Test
    void theBytesOfAMailboxAreLimitedButOneEventAlwaysFits() {
        Limits none = new Limits(0, Duration.ofHours(1), 0);
        Hub small = new Hub(new HubSettings(Duration.ofSeconds(10), Duration.ofSeconds(5), new Mailbox.Limits(100, 1_000), none),
                new MemoryHistory(none, now::get), new LocalTransport(() -> Instant.ofEpochMilli(1_000)),
                new NoMetrics(), () -> Instant.EPOCH, now::get, HEAP);
        Client client = new Client();
        client.subscriber = small.subscribe(new Subscription(selectors("a")), ready::add);
        small.publish(new Update("a", "x".repeat(5_000)));
        assertThat(client.received()).containsExactly("x".repeat(5_000));
        for (int i = 0; i < 9; i++) {
            small.publish(new Update("a", "x".repeat(100))); // with their ids and topics, 9 events exceed 1,000 bytes
        }
        assertThat(client.received()).singleElement().asString().startsWith("gap ");
        for (int i = 0; i < 20; i++) { // events that were taken out no longer count
            small.publish(new Update("a", "x".repeat(100)));
            small.publish(new Update("a", "y".repeat(100)));
            assertThat(client.received()).containsExactly("x".repeat(100), "y".repeat(100));
        }
    }

    private String publish(String topic, String id, String data) {
        return hub.publish(new Update(List.of(topic), data, null, id, null, false));
    }

    private String publish(String topic, String data) {
        return hub.publish(new Update(topic, data));
    }

    private Client subscribe(String... topics) {
        return resume(null, topics);
    }

    private Client resume(String lastEventId, String... topics) {
        Client client = new Client();
        client.subscriber = hub.subscribe(
                new Subscription(selectors(topics), permission("granted"), lastEventId, true, false, true),
                ready::add);
        if (lastEventId == null) {
            assertThat(client.raw()).isEmpty();
        }
        return client;
    }

    private Client open(Subscription subscription) {
        Client client = new Client();
        client.subscriber = hub.subscribe(subscription, ready::add);
        return client;
    }

    private static Permission permission(String... topics) {
        return new Permission(selectors(topics), null);
    }

    private static List<TopicSelector> selectors(String... topics) {
        return List.of(topics).stream().map(TopicSelector::parse).toList();
    }

    /** Drains into memory when a test asks for the received events, if a drainer was requested. */
    private final class Client {
        private Subscriber subscriber;
        private boolean opening = true;
        private boolean ended;
        private Consumer<List<byte[]>> beforeWrite = _ -> {};
        private int writes;
        private int largestWrite;

        String raw() {
            StringBuilder written = new StringBuilder();
            if (!ready.remove(subscriber) && !opening) {
                return "";
            }
            opening = false;
            Next next;
            do {
                next = subscriber.drain(frames -> {
                    beforeWrite.accept(frames);
                    frames.forEach(frame -> written.append(new String(frame, UTF_8)));
                    largestWrite = Math.max(largestWrite, frames.stream().mapToInt(frame -> frame.length).sum());
                    writes++;
                }, () -> ended = true);
            } while (next == Next.MORE);
            assertThat(next == Next.END).isEqualTo(ended);
            return written.toString();
        }

        /** Returns the data of each event, preceded by the type if there is one. */
        List<String> received() {
            List<String> events = new ArrayList<>();
            for (String frame : raw().split("\n\n")) {
                StringBuilder event = new StringBuilder();
                for (String line : frame.split("\n")) {
                    if (line.startsWith("event: ")) {
                        event.append(line.substring(7)).append(' ');
                    } else if (line.startsWith("data: ")) {
                        event.append(line.substring(6));
                    }
                }
                if (!event.isEmpty()) {
                    events.add(event.toString());
                }
            }
            return events;
        }
    }
}
