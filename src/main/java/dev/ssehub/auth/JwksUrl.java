package dev.ssehub.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.health.HealthReport;
import com.nimbusds.jose.util.health.HealthStatus;

/**
 * A set of keys that is fetched: when it is first needed, when it has become old, and when a token names a key that is not in
 * it, but never more often than the pace allows.
 */
final class JwksUrl implements KeySource {

    /*
     * Nimbus holds the set, and has it fetched by one at a time. Once there is a set, only a token that names an unknown key
     * waits for that: an old set is fetched again by the thread below, and counts meanwhile. So for nimbus, the time of the
     * outage is the one after which the set expires, and all of it after the set has become old is the one ahead of that. If
     * it could not be fetched when it was old, the tokens that come have that tried again, without waiting.
     */
    private static final System.Logger LOG = System.getLogger(JwksUrl.class.getName());
    private static final int MAX_PORT = 65_535;
    private static final String UNAVAILABLE = "the keys to check tokens with cannot be fetched at this moment";
    /** So much longer than a fetch may take, whoever waits for another's does. */
    private static final long MORE_MILLIS = 1_000;

    /** Virtual, so that whoever closes this need not wait for a server that hangs. */
    private final ScheduledExecutorService refresher = Executors
            .newSingleThreadScheduledExecutor(Thread.ofVirtual().name("jwks-refresh").factory());
    private final AtomicBoolean away = new AtomicBoolean();
    private final JWKSetSource<SecurityContext> source;
    private final String url;
    private final String name;
    private final Duration outage;
    private volatile boolean closed;

    /**
     * @param old after this long they are fetched again
     * @param interval in this time they are fetched twice at most
     * @param outage so long those that are known are used, if others cannot be fetched
     * @param patience so long a fetch may take
     */
    record Pace(Duration old, Duration interval, Duration outage, Duration patience) {
        static final Pace USUAL = new Pace(Duration.ofMinutes(5), Duration.ofSeconds(10), KeySource.OUTAGE,
                Duration.ofSeconds(5));
    }

    private JwksUrl(String url, String name, JwksFetch fetch, Pace pace) {
        this.url = url;
        this.name = name;
        this.outage = pace.outage();
        long wait = pace.patience().toMillis() + MORE_MILLIS;
        long ahead = pace.outage().minus(pace.old()).toMillis() - wait;
        this.source = ((JWKSetBasedJWKSource<SecurityContext>) JWKSourceBuilder.create(fetch)
                .cache(pace.outage().toMillis(), wait)
                .refreshAheadCache(ahead, null, refresher, true, refresher, true).rateLimited(pace.interval().toMillis())
                .healthReporting(this::tell).build()).getJWKSetSource();
    }

    /** Whether it went well to fetch them: once for each outage. */
    private void tell(HealthReport<?, ?> report) {
        boolean failed = report.getHealthStatus() == HealthStatus.NOT_HEALTHY;
        if (closed || away.getAndSet(failed) == failed) {
            return;
        }
        LOG.log(failed ? Level.WARNING : Level.INFO, failed
                ? "the keys for tokens cannot be fetched from " + name + "; those that are known, if any, stay in use for "
                        + outage + " at most: "
                        + String.valueOf(report.getException().getMessage()).replace(url, name).replaceAll("\\p{Cntrl}", "?")
                : "the keys for tokens can be fetched again from " + name);
    }

    /**
     * Nothing is fetched yet: the hub may be up before that server is.
     *
     * @throws IllegalArgumentException if it is not the URL of a server
     */
    static JwksUrl create(URI url, Optional<JWSAlgorithm> algorithm, Pace pace) {
        String host = url.getHost();
        if (host == null || url.getPort() > MAX_PORT) {
            throw new IllegalArgumentException(
                    "it is a URL without a host, or with a port that there is not; allowed is one such as "
                            + "https://example.com/keys");
        }
        if (algorithm.filter(it -> it.getName().startsWith("HS")).isPresent()) {
            throw new IllegalArgumentException(
                    algorithm.get() + " needs a secret, and none is ever taken from a URL; allowed are "
                            + "algorithms with a public key, such as RS256 and ES256");
        }
        // without what may be secret: user information and query
        String name = url.getScheme() + "://" + host + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath();
        if (url.getScheme().equalsIgnoreCase("http") && !isLoopback(host.toLowerCase(Locale.ROOT))) {
            LOG.log(Level.WARNING,
                    "the keys for tokens come from " + name + " over plain http: who is on the way can put in keys");
        }
        try {
            return new JwksUrl(url.toString(), name, new JwksFetch(url, name, algorithm, pace.patience()), pace);
        } catch (IllegalArgumentException _) { // its message may have in it what is secret
            throw new IllegalArgumentException("it is not a URL such as https://example.com/keys");
        }
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.endsWith(".localhost") || host.equals("[::1]")
                || host.matches("127\\.\\d+\\.\\d+\\.\\d+");
    }

    /** None is ever taken from a URL. */
    @Override
    public Optional<KeySet.Usable> secret() {
        return Optional.empty();
    }

    @Override
    public List<VerifyingKey> keys(Optional<String> id) throws InvalidTokenException, KeysUnavailableException {
        try {
            JWKSet known = get(JWKSetCacheRefreshEvaluator.noRefresh());
            return (keys(known).knows(id) ? keys(known) : newer(known)).keys(id);
        } catch (KeySourceException e) {
            throw new KeysUnavailableException(UNAVAILABLE, e);
        }
    }

    /** If it was fetched often enough lately, it is as new as can be, but only if that went well. */
    private KeySet newer(JWKSet known) throws KeySourceException {
        try {
            return keys(get(JWKSetCacheRefreshEvaluator.referenceComparison(known)));
        } catch (RateLimitReachedException e) {
            if (away.get()) {
                throw e;
            }
            return keys(known);
        }
    }

    private JWKSet get(JWKSetCacheRefreshEvaluator evaluator) throws KeySourceException {
        return source.getJWKSet(evaluator, System.currentTimeMillis(), null);
    }

    private static KeySet keys(JWKSet set) {
        return ((JwksFetch.Fetched) set).keys();
    }

    @Override
    public void close() {
        closed = true;
        try {
            source.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
