package dev.ssehub.history.file;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Sync;
import dev.ssehub.history.file.LogReader.Summary;
import dev.ssehub.history.file.LogWriter.Entry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statements, in a real file. */
class LogTest {
    @TempDir
    private Path folder;
    private DatabaseFile file;
    private LogWriter writer;
    private LogReader reader;

    @BeforeEach
    void open() throws IOException {
        file = DatabaseFile.open(folder.resolve("hub.db"), Sync.OS);
        writer = LogWriter.of(file);
        reader = LogReader.of(file);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    @Test
    void eventsAreReadAsTheyWereWritten() throws IOException {
        writer.begin();
        long a = writer.createTopic("a", 0);
        long b = writer.createTopic("b", 7);
        Event first = new Event(10, null, 1, List.of("a"), false, false, new byte[]{0, 1, -1});
        Event second = new Event(11, "urn:ä€😀", 2, List.of("b", "a"), true, false, new byte[5_000]);
        Event third = new Event(12, null, 3, List.of("b"), false, false, new byte[0]);
        writer.insert(first, List.of(a));
        writer.insert(second, List.of(b, a));
        writer.insert(third, List.of(b));
        assertThat(ofTopic(a, 0, 10)).as("before the commit").isEmpty();
        writer.commit();

        assertThat(ofTopic(a, 0, 10)).usingRecursiveFieldByFieldElementComparator().containsExactly(first, second);
        assertThat(ofTopic(b, 11, 10)).usingRecursiveFieldByFieldElementComparator().containsExactly(third);
        assertThat(ofTopic(b, 0, 1)).extracting(Event::position).containsExactly(11L);
        assertThat(all(10, 10)).extracting(Event::position).containsExactly(11L, 12L);
        assertThat(all(0, 2)).extracting(Event::position).containsExactly(10L, 11L);
        assertThat(reader.newest(a, Long.MAX_VALUE, 1)).singleElement().satisfies(event -> {
            assertThat(event.topics()).containsExactly("b", "a");
            assertThat(event.isPrivate()).isTrue();
            assertThat(event.frame()).isEmpty();
        });
        assertThat(reader.newest(12, 10)).extracting(Event::position).containsExactly(11L, 10L);
        assertThat(reader.positions(a, 9, 5)).containsExactly(10L, 11L);
        assertThat(reader.at(12)).usingRecursiveComparison().isEqualTo(third);
        assertThat(reader.at(13)).isNull();
        assertThat(writer.newest(a)).isEqualTo(11);
        assertThat(reader.newest(b, Long.MAX_VALUE, 5)).extracting(Event::position).containsExactly(12L, 11L);
        assertThat(writer.oldest(a, 0, 10)).containsExactly(new Entry(10, first.size(), 1), new Entry(11, second.size(), 2));
        assertThat(writer.oldest(a, 10, 1)).containsExactly(new Entry(11, second.size(), 2));
        assertThat(summary()).containsExactly(new Summary(a, "a", 0, 2, first.size() + second.size(), 10, 1, null),
                new Summary(b, "b", 7, 2, second.size() + third.size(), 11, 2, null));
    }

    @Test
    void anEventGoesWithTheLastOfItsTopics() throws IOException {
        writer.begin();
        List<Long> topics = new ArrayList<>();
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "t" + i).toList();
        for (String name : names) {
            topics.add(writer.createTopic(name, 0));
        }
        writer.insert(event(1, null, "t0"), List.of(topics.get(0)));
        writer.insert(event(2, null, names.toArray(String[]::new)), topics);
        writer.insert(event(3, null, "t0"), List.of(topics.get(0)));
        writer.remove(topics.get(0), 2);
        writer.commit();

        assertThat(all(0, 10)).extracting(Event::position).containsExactly(2L, 3L);
        assertThat(summary().getFirst())
                .isEqualTo(new Summary(topics.get(0), "t0", 2, 1, event(3, null, "t0").size(), 3, 3, null));
        for (Long topic : topics.subList(1, 20)) {
            assertThat(ofTopic(topic, 0, 10)).extracting(Event::position).containsExactly(2L);
            writer.begin();
            writer.remove(topic, 2);
            writer.commit();
        }
        assertThat(all(0, 10)).extracting(Event::position).containsExactly(3L);
        assertThat(summary().getLast()).isEqualTo(new Summary(topics.getLast(), "t19", 2, 0, 0, 0, 0, null));
        assertThat(ofTopic(topics.get(0), 0, 10)).extracting(Event::position).containsExactly(3L);
    }

    @Test
    void anIdIsFoundUntilItIsTrimmed() throws IOException {
        writer.begin();
        long a = writer.createTopic("a", 0);
        long b = writer.createTopic("b", 0);
        writer.insert(event(1, "x", "a", "b"), List.of(a, b));
        writer.insert(event(2, "x", "b"), List.of(b));
        writer.insert(event(3, "y", "a"), List.of(a));
        assertThat(List.of(writer.holds("a", "x"), writer.holds("b", "x"), writer.holds("b", "y"), writer.holds("c", "x")))
                .containsExactly(true, true, false, false);
        writer.remove(b, 2);
        writer.commit();

        assertThat(writer.holds("a", "x")).as("the past of the other topic has it").isTrue();
        assertThat(writer.holds("b", "x")).isFalse();
        assertThat(reader.byOwnId("x")).extracting(Event::position).containsExactlyInAnyOrder(1L, 2L);

        writer.begin();
        writer.remove(a, 3);
        writer.trimOwnIds(3, 100);
        assertThat(writer.holds("a", "x")).isFalse();
        writer.trimOwnIds(1, 100);
        writer.commit();
        assertThat(reader.byOwnId("x")).as("all but the id that was removed last are trimmed").isEmpty();
        assertThat(reader.byOwnId("y")).extracting(Event::position).containsExactly(3L);
        writer.begin();
        writer.insert(event(4, "z", "a"), List.of(a));
        writer.trimOwnIds(0, 100);
        writer.commit();
        assertThat(reader.byOwnId("z")).as("an event that is there keeps its id").hasSize(1);
    }

    @Test
    void singleValuesAndMarks() throws IOException {
        assertThat(reader.state()).isEqualTo(new LogWriter.State(0, 0, 0));
        writer.begin();
        writer.setState(new LogWriter.State(1, Long.MAX_VALUE, 3));
        writer.setMark("r", 5);
        writer.setMark("r", 6);
        writer.setMark("r", 4);
        writer.setMark("s", 1);
        writer.commit();
        assertThat(reader.state()).isEqualTo(new LogWriter.State(1, Long.MAX_VALUE, 3));
        assertThat(reader.marks()).isEqualTo(Map.of("r", 6L, "s", 1L));
        assertThat(reader.rules()).isEmpty();
        writer.begin();
        writer.setMarks(Map.of("t", 7L), "t\n*");
        writer.commit();
        assertThat(reader.marks()).isEqualTo(Map.of("t", 7L));
        assertThat(reader.rules()).isEqualTo("t\n*");
    }

    @Test
    void aRollbackLeavesNothing() throws IOException {
        writer.begin();
        writer.insert(event(1, null, "a"), List.of(writer.createTopic("a", 0)));
        writer.rollback();
        writer.rollback();
        assertThat(all(0, 10)).isEmpty();
        assertThat(summary()).isEmpty();
        writer.begin();
        writer.commit();
    }

    /** Not in the file, nor in the files beside it; also not what was removed earlier. */
    @Test
    void theBytesOfAForgottenTopicAreGone() throws IOException {
        writer.begin();
        long secret = writer.createTopic("the-secret-topic", 0);
        long other = writer.createTopic("other", 0);
        for (int i = 1; i <= 500; i++) {
            byte[] frame = ("secret-content-" + i).repeat(i % 50 == 0 ? 2_000 : 10).getBytes(StandardCharsets.UTF_8);
            writer.insert(new Event(2 * i, "secret-id-" + i, i, List.of("the-secret-topic"), true, false, frame),
                    List.of(secret));
            writer.insert(event(2 * i + 1, "open-id-" + i, "other"), List.of(other));
        }
        writer.commit();
        writer.begin();
        writer.remove(secret, 300);
        writer.trimOwnIds(100, 100);
        writer.commit();
        new Checkpointer(file.copying(), file.turn()).run();
        assertThat(bytes()).contains("secret-content", "secret-id", "the-secret-topic", "open-id");

        assertThat(forget(secret, "the-secret-topic")).isTrue();

        assertThat(bytes()).doesNotContain("secret").contains("open-id");
        assertThat(summary()).extracting(Summary::name, Summary::events)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("other", 500L));
        assertThat(reader.byOwnId("secret-id-5")).isEmpty();
        writer.begin();
        assertThat(writer.createTopic("new", 0)).as("numbers are not used again").isGreaterThan(other);
        writer.commit();
    }

    @Test
    void aReadInProgressDelaysTheEndOfForgetting() throws IOException {
        writer.begin();
        long topic = writer.createTopic("secret", 0);
        writer.insert(event(1, null, "secret"), List.of(topic));
        writer.insert(event(2, null, "secret"), List.of(topic));
        writer.commit();
        List<Boolean> forgotten = new ArrayList<>();
        reader.all(0, _ -> {
            try {
                forgotten.add(forget(topic, "secret"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return false;
        });
        assertThat(forgotten).containsExactly(false);
        assertThat(writer.erase()).isTrue();
        assertThat(bytes()).doesNotContain("secret");
    }

    /** A writer that never rests must not keep the -wal file growing. */
    @Test
    void theCheckpointerGetsItsTurn() throws Exception {
        writer.begin();
        long topic = writer.createTopic("a", 0);
        writer.commit();
        AtomicBoolean startsAgain = new AtomicBoolean();
        Checkpointer checkpointer = new Checkpointer(file.copying(), file.turn());
        Thread copying = Thread.ofPlatform().daemon().start(() -> {
            for (long before = 0; checkpointer.pages() >= before;) {
                before = checkpointer.pages();
                try {
                    checkpointer.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            startsAgain.set(true);
        });
        for (int i = 1; i <= 100_000 && !startsAgain.get(); i++) {
            writer.begin();
            writer.insert(new Event(i, null, i, List.of("a"), false, false, new byte[8_000]), List.of(topic));
            writer.commit();
        }
        assertThat(startsAgain).as("the -wal file is used from its beginning again").isTrue();
        copying.join();
    }

    private List<Event> ofTopic(long topic, long after, int limit) throws IOException {
        List<Event> events = new ArrayList<>();
        reader.ofTopic(topic, after, event -> {
            events.add(event);
            return events.size() < limit;
        });
        return events;
    }

    private List<Event> all(long after, int limit) throws IOException {
        List<Event> events = new ArrayList<>();
        reader.all(after, event -> {
            events.add(event);
            return events.size() < limit;
        });
        return events;
    }

    private List<Summary> summary() throws IOException {
        List<Summary> topics = new ArrayList<>();
        reader.summary(topics::add);
        return topics;
    }

    /** The process loses SQLite's locks by this; no other process is there. */
    private String bytes() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path path : files.toList()) {
                all.append(Files.readString(path, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }

    private boolean forget(long topic, String name) throws IOException {
        writer.begin();
        writer.remove(topic, Long.MAX_VALUE);
        writer.closeTopic(topic);
        writer.commit();
        writer.forgetIds(name);
        assertThat(writer.isScrubDue()).isTrue();
        return writer.scrub();
    }

    private static Event event(long position, String id, String... topics) {
        return new Event(position, id, position, List.of(topics), false, false, new byte[]{1});
    }
}
