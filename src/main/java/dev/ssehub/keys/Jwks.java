package dev.ssehub.keys;

import module java.base;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import dev.ssehub.thread.PeriodicTask;
import dev.ssehub.thread.Turns;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A set of keys (RFC 7517) in a file or at a URL. The set is read again at intervals. */
final class Jwks implements KeySource {
    /*
     * The set stays in use for as long as an outage may last, and the task replaces an old set. So a token of a known key never waits
     * for a file or a server. With a URL, a token waits if no set has been fetched yet, or if the set lacks the key that the token
     * names. If the key is still missing then, the token gets a 401 if the last read succeeded, otherwise a 503.
     *
     * Only one thread at a time reads the set. It holds the lock meanwhile, so that the others wait for the new set. The lock guards
     * the fields below it. The volatile fields are also written with the lock held.
     */

    private static final System.Logger LOG = System.getLogger(Jwks.class.getName());
    private static final int READS_PER_INTERVAL = 2;

    private final Reader reader;
    private final Runnable abort;
    private final String place;
    private final boolean local;
    private final Optional<JWSAlgorithm> algorithm;
    private final Pace pace;
    private final PeriodicTask task;
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable KeySet known;
    private volatile String complaint = "";
    private volatile int begun;
    private volatile boolean reading;

    private final Object lock = new Object();
    private byte[] last = {};
    private long intervalStart = System.nanoTime();
    private int readsInInterval;

    private interface Reader {
        /** @throws IOException if the set cannot be read; the message is one sentence without a secret */
        byte[] read() throws IOException;
    }

    /**
     * How often a set is read.
     *
     * @param old the age from which the set is read again
     * @param interval the time between two checks of the age; in this time, the set is read at most twice
     * @param outage how long the set stays in use while it cannot be read again
     * @param deadline how long a fetch may take
     */
    record Pace(Duration old, Duration interval, Duration outage, Duration deadline) {
        static final Pace URL = new Pace(Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofHours(4),
                Duration.ofSeconds(5));
        static final Pace FILE = new Pace(Duration.ZERO, Duration.ofMillis(500), Duration.ofHours(4), Duration.ZERO);
    }

    private Jwks(Reader reader, Runnable abort, String place, boolean local, Optional<JWSAlgorithm> algorithm, Pace pace)
            throws IOException {
        this.reader = reader;
        this.abort = abort;
        this.place = place;
        this.local = local;
        this.algorithm = algorithm;
        this.pace = pace;
        if (local) {
            last = reader.read();
            KeySet first = KeySet.parse(last, place, algorithm, true);
            first.requireUsable(place, algorithm);
            use(first);
        }
        this.task = PeriodicTask.start(local ? "jwks-file" : "jwks-url", pace.interval(), this::check);
    }

    /**
     * Reads the set in a file, and starts to watch the file.
     *
     * @throws IOException if the file cannot be read; the message is one sentence that names the file
     * @throws IllegalArgumentException if the file has no usable key
     */
    static Jwks in(Path file, Optional<JWSAlgorithm> algorithm, Pace pace) throws IOException {
        return new Jwks(() -> KeyFile.read(file), () -> {}, "the file " + file, true, algorithm, pace);
    }

    /**
     * Returns the set at a URL. It is fetched for the first token, because the hub may start before the server of the URL.
     *
     * @throws IllegalArgumentException if the URL has no host or a wrong port, or the algorithm needs a secret
     */
    static Jwks at(URI url, Optional<JWSAlgorithm> algorithm, Pace pace) throws IOException {
        if (algorithm.filter(JWSAlgorithm.Family.HMAC_SHA::contains).isPresent()) {
            throw new IllegalArgumentException(algorithm.get() + " needs a secret, and the hub never accepts secrets from a URL; "
                    + "use an algorithm with a public key, such as RS256 or ES256");
        }
        JwksRetriever retriever = new JwksRetriever(url, pace.deadline());
        return new Jwks(retriever::fetch, retriever::close, retriever.place(), false, algorithm, pace);
    }

    @Override
    public List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException {
        KeySet keys = known;
        boolean upToDate = true;
        if (!local && (keys == null || !isInUse(keys) || !keys.knows(kid))) {
            Turns.withoutTurn(this::refresh);
            keys = known;
            upToDate = complaint.isEmpty();
        }
        if (keys == null || !isInUse(keys) || !upToDate) {
            throw new KeySourceException(
                    "the keys to check tokens with cannot be " + (local ? "read" : "fetched") + " at this moment");
        }
        return keys.select(kid);
    }

    @Override
    public Set<String> thumbprints() throws KeySourceException {
        Turns.withoutTurn(this::refresh);
        KeySet keys = known;
        if (keys == null || !complaint.isEmpty()) {
            throw new KeySourceException("the keys for tokens cannot be read from " + place);
        }
        return keys.thumbprints();
    }

    private boolean isInUse(KeySet keys) {
        return keys.age().compareTo(pace.outage()) < 0;
    }

    /**
     * Reads the set, or waits for another thread that reads it. A read that had begun before may miss a new key, so the set is
     * then read once more, unless that read failed. Does nothing after two reads in the same interval.
     */
    private void refresh() {
        int before = begun;
        boolean waits = reading;
        synchronized (lock) {
            long now = System.nanoTime();
            if (now - intervalStart >= pace.interval().toNanos()) {
                intervalStart = now;
                readsInInterval = 0;
            }
            boolean failed = waits && !complaint.isEmpty();
            if (begun == before && !failed && readsInInterval < READS_PER_INTERVAL) {
                readsInInterval++;
                begun++;
                reading = true;
                try {
                    read();
                } finally {
                    reading = false;
                }
            }
        }
    }

    private void read() {
        try {
            byte[] found = reader.read();
            boolean settled = !local || Arrays.equals(found, last); // a file that has just changed may be half written
            last = found;
            if (settled) {
                use(KeySet.parse(found, place, algorithm, local));
            }
        } catch (IOException e) {
            complain(String.valueOf(e.getMessage()));
        }
    }

    private void use(KeySet keys) {
        KeySet before = known;
        boolean same = before != null && keys.hasSameKeys(before);
        known = keys;
        if (before != null && !same) {
            changed.set(true);
            LOG.log(Level.INFO, "the keys for tokens in " + place + " have changed");
        } else if (!complaint.isEmpty()) {
            LOG.log(Level.INFO, "the keys for tokens are available again from " + place);
        }
        complaint = "";
        if (!same && !keys.mistakes().isEmpty()) {
            LOG.log(Level.WARNING, "these keys for tokens in " + place + " are ignored: " + keys.mistakes());
        }
        if (!same && !keys.isUsable()) {
            LOG.log(Level.WARNING, place + " has no key that a token can be checked with; tokens get 503 until it has one");
        }
    }

    /** Logs a failure: for a file once for each reason, for a server once for each outage. */
    private void complain(String reason) {
        KeySet keys = known;
        String consequence = keys != null && isInUse(keys)
                ? "the known keys for tokens stay in use for " + pace.outage() + " at most: "
                : "tokens get 503 until there are keys to check them with: ";
        String summary = consequence + (local ? reason : "");
        if (!closed.get() && !summary.equals(complaint)) {
            LOG.log(Level.WARNING, consequence + reason);
        }
        complaint = summary;
    }

    private void check() {
        KeySet keys = known;
        if (keys != null && keys.age().compareTo(pace.old()) >= 0) {
            refresh();
        }
        if (changed.getAndSet(false)) {
            Optional.ofNullable(known).map(KeySet::thumbprints).ifPresent(now -> listeners.forEach(each -> each.accept(now)));
        }
    }

    @Override
    public Optional<VerifyingKey> secret() {
        return Optional.ofNullable(known).flatMap(KeySet::newestSecret);
    }

    @Override
    public void onChange(Consumer<Set<String>> listener) {
        listeners.add(listener);
        changed.set(true); // the set may have changed before there was a listener
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            abort.run();
            task.close();
        }
    }
}
