package dev.ssehub.auth;

import java.lang.System.Logger.Level;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;

/**
 * A set of keys that is fetched: when it is first needed, when it has become old, and when a token names a key that is not in
 * it, but never more often than the pace allows.
 */
final class JwksUrl implements KeySource {

    private static final System.Logger LOG = System.getLogger(JwksUrl.class.getName());
    private static final int MAX_PORT = 65_535;
    private static final int MAX_SIZE = 1 << 20;
    private static final int TIMEOUT = Math.toIntExact(Duration.ofSeconds(3).toMillis());
    private static final JWKSelector ALL = new JWKSelector(new JWKMatcher.Builder().build());

    private final JWKSource<SecurityContext> source;
    private final Optional<JWSAlgorithm> algorithm;
    private final String url;
    private final String name;

    /**
     * @param old
     *            after this long they are fetched again
     * @param interval
     *            in this time they are fetched twice at most
     * @param outage
     *            so long those that are known are used, if others cannot be fetched
     */
    record Pace(Duration old, Duration interval, Duration outage) {
        static final Pace USUAL = new Pace(Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofHours(4));
    }

    private JwksUrl(URL url, String name, Optional<JWSAlgorithm> algorithm, Pace pace) {
        this.url = url.toString();
        this.name = name;
        this.algorithm = algorithm;
        this.source = JWKSourceBuilder.create(url, new DefaultResourceRetriever(TIMEOUT, TIMEOUT, MAX_SIZE))
                .cache(pace.old().toMillis(), 3L * TIMEOUT) // longer than a fetch that ends by its timeouts
                .refreshAheadCache(false) // it would have threads of its own
                .rateLimited(pace.interval().toMillis())
                .outageTolerant(pace.outage().toMillis(),
                        _ -> LOG.log(Level.WARNING, "the keys for tokens cannot be fetched from "
                                + name + "; those that are known stay in use for " + pace.outage() + " at most"))
                .build();
    }

    /**
     * Nothing is fetched yet: the hub may be up before that server is.
     *
     * @throws IllegalArgumentException
     *             if it is not the URL of a server
     */
    static JwksUrl create(URI url, Optional<JWSAlgorithm> algorithm, Pace pace) {
        String host = url.getHost();
        if (host == null || url.getPort() > MAX_PORT) {
            throw new IllegalArgumentException(
                    "jwks is a URL without a host, or with a port that there is not; allowed is one such "
                            + "as https://example.com/keys");
        }
        if (algorithm.filter(it -> it.getName().startsWith("HS")).isPresent()) {
            throw new IllegalArgumentException(algorithm.get() + " needs a secret, and none is ever taken from a URL");
        }
        // without what may be secret: user information and query
        String name = url.getScheme() + "://" + host + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath();
        if (url.getScheme().equalsIgnoreCase("http") && !isLoopback(host.toLowerCase(Locale.ROOT))) {
            LOG.log(Level.WARNING,
                    "the keys for tokens come from " + name + " over plain http: who is on the way can put in keys");
        }
        try {
            return new JwksUrl(url.toURL(), name, algorithm, pace);
        } catch (MalformedURLException _) { // its message may have in it what is secret
            throw new IllegalArgumentException("jwks is not a URL such as https://example.com/keys");
        }
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.endsWith(".localhost") || host.equals("[::1]")
                || host.matches("127\\.\\d+\\.\\d+\\.\\d+");
    }

    @Override
    public List<VerifyingKey> keys(Optional<String> id) throws InvalidTokenException, KeysUnavailableException {
        try {
            return usable(find(id));
        } catch (KeySourceException e) {
            if (e.getCause() != null) { // it was tried, and not put off, or waited for in vain
                LOG.log(Level.WARNING, "the keys for tokens cannot be fetched from " + name + ", and none are known: "
                        + String.valueOf(e.getMessage()).replace(url, name));
            }
            throw new KeysUnavailableException("the keys to check tokens with cannot be fetched at this moment");
        }
    }

    private List<VerifyingKey> usable(List<JWK> set) throws InvalidTokenException {
        List<VerifyingKey> keys = new ArrayList<>();
        Optional<IllegalArgumentException> mistake = Optional.empty();
        for (JWK key : set) {
            try {
                if (!(key instanceof OctetSequenceKey)) { // a secret that is handed out is none
                    VerifyingKey.ofSet(key, algorithm).ifPresent(keys::add);
                }
            } catch (IllegalArgumentException e) {
                mistake = Optional.of(e);
            }
        }
        if (keys.isEmpty() && mistake.isPresent()) {
            throw new InvalidTokenException("this hub cannot check the token: " + mistake.get().getMessage(), mistake.get());
        }
        return keys;
    }

    private List<JWK> find(Optional<String> id) throws KeySourceException {
        JWKSelector selector = id.map(it -> new JWKSelector(new JWKMatcher.Builder().keyID(it).build())).orElse(ALL);
        try {
            return source.get(selector, null);
        } catch (RateLimitReachedException e) {
            source.get(ALL, null); // fails if there are no keys at all, not only no such one
            return List.of();
        }
    }
}
