package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.thread.PeriodicTask;
import io.helidon.json.JsonString;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers word by word on request, as an application with a language model would. Each answer is a run with a topic of its own,
 * which ends with the answer. The text is always the same. Thread-safe.
 */
public final class AnswersFeed implements Feed {
    // The name of a run and the time tell which words are due: the name has the time at which the run began, and each word is due one
    // interval after the word before it. So the feed can go on with a run that it does not know, because the hub was restarted or
    // another node began it. The feed publishes all words that are due, with the same ids as before, and the hub leaves out the words
    // that it has.
    //
    // One thread publishes the words of all runs. It exists only while there is something to write. It holds no lock while it
    // publishes, because it may have to wait for the history.
    //
    // A run keeps its place for the time that its answer takes, even if it is stopped. So clients cannot make the hub publish more
    // than MAX_RUNS answers in that time.

    /** The most runs at a time. */
    public static final int MAX_RUNS = 16;
    /** The data of the last event of a run. */
    static final String COMPLETE = "complete";
    static final String STOPPED = "stopped";

    private static final Pattern NAME = Pattern.compile("([0-9a-z]{8,9})-[0-9a-z]{4,16}");
    private static final Pattern WORD = Pattern.compile("\\S+\\s*");
    /** How far the clock of another node may be ahead. */
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

    private final Hub hub;
    private final String prefix;
    private final Duration interval;
    private final InstantSource clock;
    private final Source source;
    private final List<String> words = read();
    private final Random random = new SecureRandom();
    private final Map<String, Run> runs = new HashMap<>();
    private @Nullable PeriodicTask writer;
    private boolean closed;

    /** A run. The thread of the feed counts the words that it has written. */
    private static final class Run {
        private final String name;
        private final Instant begin;
        private final Instant freed;
        private int written;
        private volatile boolean isStopped;
        private volatile boolean isOver;

        Run(String name, Instant begin, Instant freed) {
            this.name = name;
            this.begin = begin;
            this.freed = freed;
        }
    }

    /**
     * Creates a feed that writes nothing until it is asked.
     *
     * @param topic the topic of each run is below this one
     * @param interval the time between two words
     */
    public AnswersFeed(Hub hub, String topic, Duration interval, InstantSource clock) {
        this.hub = hub;
        this.prefix = topic + "/";
        this.interval = interval;
        this.clock = clock;
        this.source = new Source(hub, PublishedBy.ANSWERS_FEED, Reach.CLUSTER);
    }

    private static List<String> read() {
        try (InputStream text = AnswersFeed.class.getResourceAsStream("answer.txt")) {
            return WORD.matcher(new String(Objects.requireNonNull(text).readAllBytes(), UTF_8).strip()).results()
                    .map(MatchResult::group).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the name of a new run, which begins now. The caller has to {@link #write} it. */
    public String newRun() {
        return Long.toString(clock.millis(), 36) + "-" + Long.toString(random.nextLong(1L << 40) | 1L << 40, 36);
    }

    /**
     * Returns the topic of a run.
     *
     * @throws IllegalArgumentException if there can be no run of this name; the message is a sentence
     */
    public String topic(String run) {
        begin(run);
        return prefix + run;
    }

    private Instant begin(String run) {
        Matcher name = NAME.matcher(run);
        if (!name.matches()) {
            throw new IllegalArgumentException("the hub names each answer, such as mhx5k2c0-w4rm2z9q; this is no such name");
        }
        Instant begin = Instant.ofEpochMilli(Long.parseLong(name.group(1), 36));
        if (begin.isAfter(clock.instant().plus(MAX_AHEAD))) {
            throw new IllegalArgumentException("this answer has not begun: its name says " + begin);
        }
        return begin;
    }

    /**
     * Writes a run, or goes on with it. Does nothing if it is being written, or has ended. Does not wait for its words.
     *
     * @return whether there is a place for it; if not, there will be one later
     * @throws IllegalArgumentException as {@link #topic}
     * @throws HubClosedException after {@link #close}
     */
    public boolean write(String run) {
        return hub.history().endOf(topic(run)) != null || enter(run, false);
    }

    /** Ends a run, whether it is written here or not, with the words that it has. Returns and throws the same as {@link #write}. */
    public boolean stop(String run) {
        return hub.history().endOf(topic(run)) != null || enter(run, true);
    }

    /** Returns the time after which there is a place for another run. */
    public synchronized Duration untilNextPlace() {
        Instant now = clock.instant();
        return runs.values().stream().map(run -> Duration.between(now, run.freed)).min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    private synchronized boolean enter(String name, boolean stops) {
        if (closed) {
            throw new HubClosedException();
        }
        Instant now = clock.instant();
        runs.values().removeIf(run -> run.isOver && run.freed.isBefore(now));
        Run run = runs.get(name);
        if (run == null) {
            if (runs.size() == MAX_RUNS) {
                return false;
            }
            run = new Run(name, begin(name), now.plus(interval.multipliedBy(words.size())));
            runs.put(name, run);
        }
        run.isStopped |= stops;
        if (writer == null && !run.isOver) {
            writer = PeriodicTask.startAtOnce("feed-answers", interval.compareTo(LONGEST_PAUSE) < 0 ? interval : LONGEST_PAUSE,
                    this::writeAll);
        }
        return true;
    }

    private void writeAll() {
        try {
            unfinished().forEach(this::writeDue);
            endIfDone();
        } catch (HubClosedException e) {
            endWriter();
        }
    }

    private synchronized List<Run> unfinished() {
        return runs.values().stream().filter(run -> !run.isOver).toList();
    }

    private synchronized void endIfDone() {
        if (unfinished().isEmpty()) {
            endWriter();
        }
    }

    private synchronized void endWriter() {
        if (writer != null) {
            writer.close(); // which does not wait for the thread that calls
            writer = null;
        }
    }

    private void writeDue(Run run) {
        if (hub.history().endOf(prefix + run.name) != null) { // perhaps another node has ended it
            run.isOver = true;
            return;
        }
        boolean stopped = run.isStopped;
        long elapsed = Math.max(0, Duration.between(run.begin, clock.instant()).dividedBy(interval));
        int due = stopped ? run.written : (int) Math.min(words.size(), elapsed);
        List<Update> updates = new ArrayList<>();
        for (int number = run.written; number < due; number++) {
            updates.add(update(run, null, Integer.toString(number), JsonString.create(words.get(number)).toString()));
        }
        if (stopped || due == words.size()) {
            // on another node, the end may come between two words of this one; then it must not count as a repetition of this end
            String how = stopped ? STOPPED : COMPLETE;
            updates.add(update(run, "end", how, how).ending());
        }
        source.publish(updates);
        run.written = due;
        run.isOver = stopped || due == words.size();
    }

    private Update update(Run run, @Nullable String type, String id, String data) {
        return new Update(List.of(prefix + run.name), data, type, run.name + "/" + id, null, false);
    }

    @Override
    public void close() {
        PeriodicTask closing;
        synchronized (this) {
            closed = true;
            closing = writer;
            writer = null;
        }
        source.close();
        if (closing != null) {
            closing.close();
        }
    }
}
