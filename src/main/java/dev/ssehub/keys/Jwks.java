package dev.ssehub.keys;

import module java.base;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A set of keys (RFC 7517) in a file or at a URL, which is read again and again. */
final class Jwks implements KeySource {

    /*
     * The set stays in use for as long as an outage may last, and the task replaces it as soon as it is old. So a token of a known key
     * never waits for a file or a server. The first token waits, and a token that names an unknown key of a URL: that key is invalid
     * (401) only if the set is up to date (otherwise 503). A token does not cause a file to be read, unless the file has been missing
     * for too long.
     *
     * One thread at a time reads the set, and holds the lock meanwhile: the others need what it reads. They give up soon after its
     * deadline. The lock guards the fields below it.
     */

    private static final System.Logger LOG = System.getLogger(Jwks.class.getName());
    private static final int READS_PER_INTERVAL = 2;

    private final Reader reader;
    private final String place;
    private final boolean local;
    private final Optional<JWSAlgorithm> algorithm;
    private final Pace pace;
    private final PeriodicTask task;
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable KeySet known;
    private volatile String complaint = "";
    private volatile boolean changed;
    private volatile boolean closed;

    private final ReentrantLock lock = new ReentrantLock();
    private byte[] last = {};
    private long intervalStart = System.nanoTime();
    private int reads;

    /** Where the set comes from. */
    interface Reader {
        /** @throws IOException if the set cannot be read; the message is one sentence without a secret */
        byte[] read() throws IOException;

        /** Aborts a read in progress. */
        default void close() {}
    }

    /**
     * How often a set is read.
     *
     * @param old the age from which the set is read again
     * @param interval the time between two looks at the age; the set is read twice at most in this time
     * @param outage how long the set stays in use while it cannot be read again
     * @param deadline how long a fetch may take
     */
    record Pace(Duration old, Duration interval, Duration outage, Duration deadline) {
        static final Pace URL = new Pace(Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofHours(4),
                Duration.ofSeconds(5));
        static final Pace FILE = new Pace(Duration.ZERO, Duration.ofMillis(500), Duration.ofHours(4), Duration.ZERO);
    }

    private Jwks(Reader reader, String place, boolean local, Optional<JWSAlgorithm> algorithm, Pace pace) throws IOException {
        this.reader = reader;
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
        this.task = PeriodicTask.start(local ? "jwks-file" : "jwks-url", pace.interval(), this::look);
    }

    /**
     * Reads the set in a file, and begins to watch the file.
     *
     * @throws IOException if the file cannot be read; the message is one sentence that names the file
     * @throws IllegalArgumentException if the file has no usable key
     */
    static Jwks in(Path file, Optional<JWSAlgorithm> algorithm, Pace pace) throws IOException {
        return new Jwks(() -> KeyFile.read(file), "the file " + file, true, algorithm, pace);
    }

    /**
     * Returns the set at a URL, which is fetched when the first token comes: the hub may start before that server does.
     *
     * @throws IllegalArgumentException if this is not the URL of a server, or the algorithm needs a secret
     */
    static Jwks at(URI url, Optional<JWSAlgorithm> algorithm, Pace pace) throws IOException {
        if (algorithm.filter(JWSAlgorithm.Family.HMAC_SHA::contains).isPresent()) {
            throw new IllegalArgumentException(algorithm.get() + " needs a secret, and the hub never accepts secrets from a URL; "
                    + "allowed are algorithms with a public key, such as RS256 and ES256");
        }
        JwksRetriever retriever = new JwksRetriever(url, pace.deadline());
        return new Jwks(retriever, retriever.place(), false, algorithm, pace);
    }

    @Override
    public List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException {
        KeySet keys = known;
        if (keys == null || !isInUse(keys) || !local && !keys.knows(kid)) {
            boolean answered = refresh(keys);
            keys = known;
            if (!answered || keys == null || !isInUse(keys) || !complaint.isEmpty()) {
                throw new KeySourceException(
                        "the keys to check tokens with cannot be " + (local ? "read" : "fetched") + " at this moment");
            }
        }
        return keys.select(kid);
    }

    private boolean isInUse(KeySet keys) {
        return keys.age().compareTo(pace.outage()) < 0;
    }

    /**
     * Reads the set, unless it is not this one any more, or has been read too often.
     *
     * @return false if another thread is reading the set and does not come to an end
     */
    private boolean refresh(@Nullable KeySet old) {
        try {
            if (!lock.tryLock(pace.deadline().plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            if (known == old && mayRead()) {
                read();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayRead() {
        long now = System.nanoTime();
        if (now - intervalStart >= pace.interval().toNanos()) {
            intervalStart = now;
            reads = 0;
        }
        return reads++ < READS_PER_INTERVAL;
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
            changed = true;
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

    /** Logs a failure once for each reason of a file, and once for each outage of a server. */
    private void complain(String reason) {
        KeySet keys = known;
        String consequence = keys != null && isInUse(keys)
                ? "the known keys for tokens stay in use for " + pace.outage() + " at most: "
                : "tokens get 503 until there are keys to check them with: ";
        String summary = consequence + (local ? reason : "");
        if (!closed && !summary.equals(complaint)) {
            LOG.log(Level.WARNING, consequence + reason);
        }
        complaint = summary;
    }

    private void look() {
        KeySet keys = known;
        if (keys != null && keys.age().compareTo(pace.old()) >= 0) {
            refresh(keys);
        }
        if (changed) {
            changed = false;
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
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            reader.close();
            task.close();
        }
    }
}
