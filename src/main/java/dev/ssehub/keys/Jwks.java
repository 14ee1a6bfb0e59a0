package dev.ssehub.keys;

import module java.base;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A set of keys (RFC 7517) in a file or at a URL, which is read again and again. */
final class Jwks implements KeySource {

    /*
     * Nimbus caches the set, has one thread at a time load it, and limits how often. This class is the innermost source of that
     * chain: the fields below "loading" are written by the thread that holds nimbus's lock.
     *
     * The cache keeps a set for as long as an outage may last, and the task replaces the set as soon as it is old. So a token of a
     * known key never waits for a file or a server. The first token waits, and a token that names an unknown key of a URL. A token does
     * not cause a file to be read, unless the file has been missing for too long. Two parts of nimbus's builder do not fit: its
     * refresh ahead stops after a failure until a token comes, and its outage tolerance hides the failure, but an unknown key is
     * invalid (401) only if the set is up to date (otherwise 503).
     */

    private static final System.Logger LOG = System.getLogger(Jwks.class.getName());

    private final Reader reader;
    private final Runnable abort;
    private final String place;
    private final boolean local;
    private final Optional<JWSAlgorithm> algorithm;
    private final Pace pace;
    private final JWKSetSource<SecurityContext> cache;
    private final PeriodicTask task;
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private volatile boolean closed;

    // loading
    private volatile @Nullable KeySet known;
    private volatile long loadedAt;
    private volatile String complaint = "";
    private byte[] last = {};

    private interface Reader {
        /** @throws IOException if the set cannot be read; the message is one sentence without a secret */
        byte[] read() throws IOException;
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

    private Jwks(Reader reader, Runnable abort, String place, boolean local, Optional<JWSAlgorithm> algorithm, Pace pace)
            throws IOException {
        this.reader = reader;
        this.abort = abort;
        this.place = place;
        this.local = local;
        this.algorithm = algorithm;
        this.pace = pace;
        JWKSetSource<SecurityContext> loading = new JWKSetSource<>() {
            @Override
            public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator evaluator, long now, @Nullable SecurityContext context)
                    throws KeySourceException {
                return load();
            }

            @Override
            public void close() {}
        };
        this.cache = ((JWKSetBasedJWKSource<SecurityContext>) JWKSourceBuilder.create(loading)
                .cache(pace.outage().toMillis(), pace.deadline().plusSeconds(1).toMillis()).refreshAheadCache(false)
                .rateLimited(pace.interval().toMillis()).build()).getJWKSetSource();
        if (local) {
            try {
                get(JWKSetCacheRefreshEvaluator.noRefresh());
            } catch (KeySourceException e) {
                throw new IOException(e.getMessage(), e);
            }
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
        return new Jwks(() -> KeyFile.read(file), () -> {}, "the file " + file, true, algorithm, pace);
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
        JwksRetriever retriever = JwksRetriever.of(url, pace.deadline());
        return new Jwks(retriever::fetch, retriever::close, retriever.place(), false, algorithm, pace);
    }

    @Override
    public List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException {
        KeySet keys;
        try {
            keys = get(JWKSetCacheRefreshEvaluator.noRefresh());
            if (!local && !keys.knows(kid)) {
                keys = newer(keys);
            }
        } catch (KeySourceException e) {
            throw new KeySourceException(
                    "the keys to check tokens with cannot be " + (local ? "read" : "fetched") + " at this moment", e);
        }
        return keys.select(kid);
    }

    /** Fetches the set again, unless that has been done twice in the interval, and the last time with success. */
    private KeySet newer(KeySet old) throws KeySourceException {
        try {
            return get(JWKSetCacheRefreshEvaluator.referenceComparison(old));
        } catch (RateLimitReachedException e) {
            if (!complaint.isEmpty()) {
                throw e;
            }
            return old;
        }
    }

    private KeySet get(JWKSetCacheRefreshEvaluator evaluator) throws KeySourceException {
        return (KeySet) cache.getJWKSet(evaluator, System.currentTimeMillis(), null);
    }

    /** A file that differs from the last look may be half written: it is used when two looks find the same. */
    private KeySet load() throws KeySourceException {
        KeySet before = known;
        KeySet keys;
        try {
            byte[] found = reader.read();
            boolean settled = !local || before == null || Arrays.equals(found, last);
            last = found;
            if (!settled) {
                throw new JWKSetUnavailableException(place + " has just changed");
            }
            keys = KeySet.parse(found, algorithm, local);
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (ParseException e) {
            throw failed(place + " " + e.getMessage(), e);
        }
        if (before == null && local) {
            keys.requireUsable(place, algorithm);
        }
        known = keys;
        loadedAt = System.nanoTime();
        boolean same = before != null && keys.hasSameKeys(before);
        if (before != null && !same) {
            changed.set(true);
            LOG.log(Level.INFO, "the keys for tokens in " + place + " have changed");
        } else if (!complaint.isEmpty()) {
            LOG.log(Level.INFO, "the keys for tokens are available again from " + place);
        }
        if (!same) {
            warn(keys);
        }
        complaint = "";
        return keys;
    }

    private void warn(KeySet keys) {
        if (!keys.mistakes().isEmpty()) {
            LOG.log(Level.WARNING, "these keys for tokens in " + place + " are ignored: " + keys.mistakes());
        }
        if (!keys.isUsable()) {
            LOG.log(Level.WARNING, place + " has no key that a token can be checked with; tokens get 503 until it has one");
        }
    }

    /** Logs a failure once for each reason of a file, and once for each outage of a server. */
    private KeySourceException failed(String reason, Exception cause) {
        boolean counts = known != null && System.nanoTime() - loadedAt < pace.outage().toNanos();
        String summary = counts + (local ? reason : "");
        boolean reported = local && known == null; // the start fails, and says why
        if (!reported && !closed && !summary.equals(complaint)) {
            complaint = summary;
            LOG.log(Level.WARNING, (counts
                    ? "the known keys for tokens stay in use for " + pace.outage() + " at most: "
                    : "tokens get 503 until there are keys to check them with: ") + reason);
        }
        return new JWKSetRetrievalException(reason, cause);
    }

    private void look() {
        if (known != null && System.nanoTime() - loadedAt >= pace.old().toNanos()) {
            try {
                get(JWKSetCacheRefreshEvaluator.forceRefresh());
            } catch (KeySourceException _) { // logged by load; the next look tries again
            }
        }
        if (changed.getAndSet(false) && known != null) {
            Set<String> thumbprints = known.thumbprints();
            listeners.forEach(listener -> listener.accept(thumbprints));
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
            abort.run();
            task.close();
        }
    }
}
