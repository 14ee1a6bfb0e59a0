package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Presence.Listener;
import dev.ssehub.cluster.Presence.Shown;
import dev.ssehub.cluster.Presence.State;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Writes what this node shows into Redis. Owns a thread. Thread-safe. */
final class PresenceWriter implements AutoCloseable {
    // Only the subscribers that have changed wait to be written, and each of them waits once, because its state is read
    // only when it is written. So even in an outage, no more wait than there are subscribers.
    //
    // Each write has the next number, and leaves it in Redis as the mark of this node. A Redis that was frozen may do a
    // write long after this node has stopped waiting for the answer. So a write has an effect only if it finds the mark
    // of the last write that was answered. After a write without an answer or without an effect, this node begins anew:
    // the next write removes everything that the node has shown, and then the node shows all of it again.
    //
    // The node also begins anew when its mark is gone. Either Redis has lost its data, and then the epoch has changed,
    // or the others took this node for dead. While nothing changes, the node writes once a second, only to find this
    // out.

    private static final System.Logger LOG = System.getLogger(PresenceWriter.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** The most texts of a write, apart from those of its last subscriber. */
    private static final int MAX_TEXTS = 500;

    private static final Script WRITE = Script.beside(PresenceWriter.class, "write.lua");

    private final Redis redis;
    private final String node;
    private final Listener listener;
    private final Repeated writing = new Repeated("cluster-presence", this::write);
    private final Thread thread = Thread.ofPlatform().name("cluster-presence").daemon().unstarted(this::run);
    /** The subscribers that have changed. Guarded by this object, like the next four fields. */
    private final SequencedSet<Shown> waiting = new LinkedHashSet<>();
    /** Whether the next write begins anew. */
    private boolean anew = true;
    /** Whether the last write had no effect, so that the next one is not tried at once. */
    private boolean pausing;
    /** Whether this node is writing everything again, because it was lost. */
    private boolean rewriting;
    private boolean closed;

    // for the thread that writes
    private long number;
    private String epoch = "";

    PresenceWriter(Redis redis, String node, Listener listener) {
        this.redis = redis;
        this.node = node;
        this.listener = listener;
    }

    void start() {
        thread.start();
    }

    /** Takes a subscriber that has changed, to write it soon. Does not block. */
    synchronized void add(Shown shown) {
        if (anew && !shown.isNeeded()) {
            waiting.remove(shown); // otherwise, all that come and go during an outage would wait
        } else {
            waiting.add(shown);
        }
        notifyAll();
    }

    /** Returns whether there is something to write at once. */
    synchronized boolean isBusy() {
        return !pausing && (rewriting || !waiting.isEmpty());
    }

    /** Returns how many subscribers wait. */
    synchronized int waiting() {
        return waiting.size();
    }

    private void run() {
        try {
            while (awaitWork()) {
                writing.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until there is something to write, or for a pause. Returns false if this is closed, and nothing is left to
     * write or Redis does not take it.
     */
    private synchronized boolean awaitWork() throws InterruptedException {
        long end = System.nanoTime() + PAUSE.toNanos();
        for (long left = PAUSE.toNanos(); left > 0 && !closed && !isBusy(); left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        boolean working = !closed || isBusy();
        pausing = true; // until something was written
        return working;
    }

    /** Writes the next part of what has changed, or begins anew. Called by one thread. */
    void write() {
        List<Shown> batch = new ArrayList<>();
        List<Runnable> seen = new ArrayList<>();
        List<String> arguments = take(batch, seen);
        List<?> answer = List.of();
        try {
            Keys keys = new Keys(redis);
            answer = (List<?>) redis.runText(WRITE, List.of(keys.nodes(), keys.marks(), keys.epoch(), keys.shown(node)),
                    arguments);
        } finally {
            if (answer.isEmpty()) {
                beginAnew(batch);
            }
        }
        if (answer.isEmpty()) {
            return;
        }
        boolean ended = epoch.equals(answer.getFirst()) && "".equals(answer.getLast());
        epoch = String.valueOf(answer.getFirst());
        if (written()) {
            showAll(ended);
        } else {
            runAll(seen);
        }
    }

    /** Takes the next part of what has changed. Returns the arguments of the script. */
    private List<String> take(List<Shown> batch, List<Runnable> seen) {
        List<String> texts = new ArrayList<>();
        for (Shown shown = next(); shown != null; shown = texts.size() < 2 * MAX_TEXTS ? next() : null) {
            State state = shown.now();
            batch.add(shown);
            seen.add(state.seen());
            shown.ids().forEach(id -> Collections.addAll(texts, id, state.text().orElse("")));
        }
        List<String> arguments = new ArrayList<>(begin());
        arguments.addAll(texts);
        return arguments;
    }

    /** Removes a subscriber before its state is read, so that a change meanwhile adds it again. */
    private synchronized @Nullable Shown next() {
        return anew || waiting.isEmpty() ? null : waiting.removeFirst();
    }

    /** Returns the first arguments of the script. */
    private synchronized List<String> begin() {
        rewriting = anew ? !epoch.isEmpty() : rewriting && !waiting.isEmpty();
        String mark = Long.toString(anew ? 0 : number);
        return List.of(node, mark, Long.toString(++number), rewriting ? " rewriting" : "");
    }

    private synchronized void beginAnew(List<Shown> batch) {
        anew = true;
        batch.forEach(this::add);
    }

    /** Returns whether this write was to begin anew. */
    private synchronized boolean written() {
        boolean begun = anew;
        anew = false;
        pausing = false;
        return begun;
    }

    private void showAll(boolean ended) {
        if (ended) {
            LOG.log(Level.WARNING, "the other nodes took this node for dead; it tells its subscriptions again");
        }
        listener.lost(ended);
    }

    /** Runs all tasks at the same time, because each one waits for Redis. */
    private static void runAll(List<Runnable> tasks) {
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("presence-", 0).factory())) {
            tasks.forEach(threads::execute);
        }
    }

    /** Writes the waiting subscribers, if Redis answers, and stops the thread. Closing again does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        PeriodicTask.join(thread);
    }
}
