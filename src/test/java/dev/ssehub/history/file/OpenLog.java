package dev.ssehub.history.file;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.Query;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.history.database.Sync;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A history in a file, as a publisher and a client see it. */
final class OpenLog implements AutoCloseable {
    static final long START = HubId.position(1_000, 0);
    static final Limits LARGE = limits(1_000_000);

    final FileHistory history;

    private OpenLog(FileHistory history, long start) {
        this.history = history;
        history.start(start);
    }

    static Limits limits(int maxEvents, TopicRule... rules) {
        return new Limits(maxEvents, Duration.ofHours(1), 1 << 30, List.of(rules));
    }

    static TopicRule rule(String match, int maxEvents) {
        return new TopicRule(TopicSelector.parse(match), maxEvents, Duration.ofHours(1), null);
    }

    static OpenLog open(Path file, Limits limits) throws IOException {
        return open(file, limits, () -> Instant.ofEpochMilli(5_000), System::nanoTime);
    }

    static OpenLog open(Path file, Limits limits, InstantSource clock, LongSupplier nanoTime) throws IOException {
        return open(file, limits, new NoMetrics(), clock, nanoTime);
    }

    static OpenLog open(Path file, HubMetrics metrics) throws IOException {
        return open(file, LARGE, metrics, InstantSource.system(), System::nanoTime);
    }

    private static OpenLog open(Path file, Limits limits, HubMetrics metrics, InstantSource clock, LongSupplier nanoTime)
            throws IOException {
        return new OpenLog(FileHistory.open(file, Sync.OS, limits, metrics, clock, nanoTime), START);
    }

    /** Opens a history whose new events come after a position. */
    static OpenLog startingAt(Path file, long position) throws IOException {
        OpenLog log = new OpenLog(FileHistory.open(file, Sync.OS, LARGE, new NoMetrics(), () -> Instant.ofEpochMilli(5_000),
                System::nanoTime), position);
        log.last = position;
        return log;
    }

    /** An update on its way, which remembers its event. */
    static final class Added extends Addition {
        private @Nullable Event event;
        private int times;
        private volatile long doneNanos;

        Added(long position, Update update) {
            super(position, update);
        }

        @Override
        protected void added(Event event) {
            this.event = event;
            times++;
            doneNanos = System.nanoTime();
        }

        @Nullable
        Event event() {
            await();
            assertThat(times).isLessThan(2);
            return event;
        }

        long doneNanos() {
            await();
            return doneNanos;
        }
    }

    private long last = START;

    /** Begins to append, without waiting. */
    Added begin(Update update) {
        last = Math.max(last, history.newest()) + 1;
        Added added = new Added(last, update);
        history.append(List.of(added));
        return added;
    }

    /** Appends an update and returns its position, or 0 if it is a repetition. */
    long append(Update update) {
        Event event = begin(update).event();
        return event == null ? 0 : event.position();
    }

    long append(String topic) {
        return append(new Update(topic, "x"));
    }

    long append(String id, String... topics) {
        return append(new Update(List.of(topics), "x", null, id, null, false));
    }

    /** Lets the history know that an event of another node is missing, and returns its position. */
    long lose() {
        last = Math.max(last, history.newest()) + 1;
        history.lose(last);
        return last;
    }

    long find(String id) {
        return history.find(id, _ -> true);
    }

    /** What a client receives that reads from a position to the end, and the newest loss that it is told. */
    record Read(List<Long> positions, long lost) {}

    Read read(long after, String... selectors) {
        List<Long> positions = new ArrayList<>();
        long lost = 0;
        long told = -1;
        long position = after;
        Selection selection = history.select(SelectorSet.of(Stream.of(selectors).map(TopicSelector::parse).toList()), after,
                told);
        while (true) {
            Slice slice = history.read(new Query(position, told, selection, _ -> true, Event::size, 8_192));
            slice.events().forEach(event -> positions.add(event.position()));
            lost = Math.max(lost, slice.lost());
            if (slice.atEnd()) {
                assertThat(positions).isSorted().doesNotHaveDuplicates();
                return new Read(positions, lost);
            }
            told = slice.told();
            position = slice.upTo();
        }
    }

    /** Returns the number of topics that the history knows. */
    int topics() {
        return history.ledger.topics().size();
    }

    /** Waits until everything that exceeds a limit is given up and removed. */
    OpenLog settle() {
        history.settle();
        return this;
    }

    /** Returns the number of rows of a table, by another connection. */
    static long rows(Path file, String table) throws SQLException {
        return number(file, "SELECT count(*) FROM " + table);
    }

    /** Returns the result of a query, by another connection. */
    static long number(Path file, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.getLong(1);
        }
    }

    /** Checks that the rows of the topics sum up the past, and that each event is held as often as it is in a past. */
    static void assertConsistent(Path file) throws SQLException {
        String wrong = """
                SELECT count(*) FROM (SELECT number, events, size, iif(events = 0, 0, oldest), iif(events = 0, 0, oldest_logged) FROM topic
                    EXCEPT SELECT number, count(position), coalesce(sum(past.size), 0), coalesce(min(position), 0), coalesce(logged, 0)
                        FROM topic LEFT JOIN past ON past.topic = number GROUP BY number)""";
        assertThat(number(file, wrong)).as("topics with a wrong sum").isZero();
        assertThat(number(file, """
                SELECT count(*) FROM topic t WHERE ended <> coalesce((SELECT iif(e.ends, e.position, 0) FROM past p
                    JOIN event e USING(position) WHERE p.topic = t.number ORDER BY p.position DESC LIMIT 1), 0)"""))
                .as("topics with a wrong end").isZero();
        assertThat(number(file, "SELECT count(*) FROM past WHERE topic NOT IN (SELECT number FROM topic)")).isZero();
        assertThat(number(file, """
                SELECT count(*) FROM event e WHERE held <> (SELECT count(*) FROM past p WHERE p.position = e.position)"""))
                .isZero();
    }

    /** Runs a program. A process that opens the file itself loses its locks when it closes it. */
    static void run(String... command) throws IOException {
        assertThat(tryToRun(command)).as(String.join(" ", command)).isZero();
    }

    static int tryToRun(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        return process.onExit().join().exitValue();
    }

    @Override
    public void close() {
        history.close();
    }
}
