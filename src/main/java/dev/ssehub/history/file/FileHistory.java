package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Limits;
import dev.ssehub.history.Query;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Sync;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.SelectorSet;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A history in a SQLite file. A restart finds it again. The newest events are in memory, too. */
public final class FileHistory implements History {
    private static final System.Logger LOG = System.getLogger(FileHistory.class.getName());

    private final LogFile log;
    final Ledger ledger; // tests look into it
    private final LogThread thread;
    private final FileReads reads;

    private FileHistory(LogFile log, Ledger ledger, LogThread thread) {
        this.log = log;
        this.ledger = ledger;
        this.thread = thread;
        this.reads = new FileReads(log, ledger, thread);
    }

    /**
     * Opens the file, or creates it.
     *
     * @param clock tells the age of events; while the hub runs, changes of the clock have no effect on it
     * @throws IOException if the file cannot be used; the message is a sentence for the operator
     */
    public static FileHistory open(Path path, Sync sync, Limits limits, HubMetrics metrics, InstantSource clock)
            throws IOException {
        return open(path, sync, limits, metrics, clock, System::nanoTime);
    }

    static FileHistory open(Path path, Sync sync, Limits limits, HubMetrics metrics, InstantSource clock, LongSupplier nanoTime)
            throws IOException {
        DatabaseFile file = DatabaseFile.open(path, sync);
        try {
            FileHistory history;
            try {
                history = restore(file, limits, metrics, clock, nanoTime);
            } catch (DatabaseException e) {
                if (e.kind() != DatabaseException.Kind.DAMAGED) {
                    throw e;
                }
                file.setAside();
                history = restore(file, limits, metrics, clock, nanoTime);
            }
            if (file.damaged() != null) {
                LOG.log(Level.ERROR, "the file " + path + " is damaged; the hub has renamed it to " + file.damaged()
                        + " and begins a new one, and clients that need older events are told about a gap");
            }
            return history;
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static FileHistory restore(DatabaseFile file, Limits limits, HubMetrics metrics, InstantSource clock,
            LongSupplier nanoTime) throws DatabaseException {
        LogReader reader = LogReader.of(file);
        LogWriter.State state = reader.state();
        long startNanos = nanoTime.getAsLong();
        long startMillis = Math.max(clock.millis(), state.logged()); // the time of the log never goes back
        LongSupplier millis = () -> startMillis + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - startNanos);
        Ledger ledger = new Ledger(limits, millis, state.newest());
        List<LogReader.Summary> topics = new ArrayList<>();
        reader.summary(topics::add);
        ledger.restore(topics, reader.marks(), reader.rules());
        ledger.runs().restore(reader.runs());
        LogFile log = new LogFile(file, state.start());
        return new FileHistory(log, ledger, new LogThread(log, ledger, metrics, millis));
    }

    @Override
    public void start(long position) {
        if (log.beginning() == 0) {
            log.beginAt(position);
        }
        ledger.startAt(position);
        thread.start();
    }

    @Override
    public long beginning() {
        return log.beginning();
    }

    @Override
    public void append(List<Addition> additions) {
        thread.add(additions);
    }

    @Override
    public void lose(long upTo) {
        await(thread.submit(() -> thread.lose(upTo)));
    }

    @Override
    public long newest() {
        return ledger.newest();
    }

    @Override
    public long completeAfter() {
        return ledger.completeAfter();
    }

    @Override
    public long losses() {
        return ledger.losses();
    }

    @Override
    public Optional<String> outage() {
        return Optional.ofNullable(thread.outage());
    }

    @Override
    public void evict() {} // the log's thread gives up old events by itself

    @Override
    public HistoryStatus status() {
        return ledger.status(thread.outage() == null);
    }

    @Override
    public long find(String id, Predicate<Event> mayKnow) {
        long position = HubId.parse(id);
        if (position != HubId.NONE) {
            return position >= beginning() && ledger.knows(position) ? position : UNKNOWN;
        }
        List<Event> found = reads.byOwnId(id);
        return found.size() == 1 && mayKnow.test(found.getFirst()) ? found.getFirst().position() : UNKNOWN;
    }

    @Override
    public long beforeLast(int count, Selection selection, Predicate<Event> mayReceive) {
        return reads.beforeLast(count, selection, mayReceive);
    }

    @Override
    public Selection select(SelectorSet selectors, long after, long told) {
        return ledger.select(selectors, after, told);
    }

    @Override
    public @Nullable Event endOf(String topic) {
        return ledger.endOf(topic);
    }

    @Override
    public Slice read(Query query) {
        return reads.read(query);
    }

    /** Forgets a topic. Some of its bytes can be left in unused parts of the file until the log's thread has nothing else to do. */
    @Override
    public Runnable forget(String topic) {
        CompletableFuture<?> done = new CompletableFuture<>();
        await(thread.submit(() -> thread.forget(topic, done)));
        return () -> await(done);
    }

    @Override
    public void apply(Limits limits) {
        await(thread.submit(() -> thread.apply(limits)));
    }

    /** Waits until everything that exceeds a limit is removed. For tests. */
    void settle() {
        await(thread.submit(thread::settle));
    }

    /**
     * Waits for a task without the turn of the calling thread.
     *
     * @throws HistoryUnavailableException if the task has failed, or the thread has stopped
     */
    private static void await(Future<?> future) {
        Readers.await(future);
        if (future.state() != Future.State.SUCCESS) {
            Throwable failure = future.state() == Future.State.FAILED ? future.exceptionNow() : null;
            String reason = failure instanceof DatabaseException e ? e.kind().reason() : "the hub is stopping";
            throw new HistoryUnavailableException("the hub cannot change the past now: " + reason, failure);
        }
    }

    @Override
    public void close() {
        thread.close();
        log.close();
    }
}
