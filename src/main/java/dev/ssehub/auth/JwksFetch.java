package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetParseException;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;

/** Fetches a set of keys from a server, which has so much time for all of it, and may send so many bytes. */
final class JwksFetch implements JWKSetSource<SecurityContext> {

    // One thread at a time fetches: nimbus sees to that. A server that sends a byte a second would keep it for ever, were it
    // not for the time that the whole of it may take.

    private static final System.Logger LOG = System.getLogger(JwksFetch.class.getName());
    private static final int MAX_SIZE = 1 << 20;
    private static final int OK = 200;
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final HttpRequest request;
    private final String name;
    private final Optional<JWSAlgorithm> algorithm;
    private final Duration patience;
    private final ExecutorService executor = Executors
            .newThreadPerTaskExecutor(Thread.ofVirtual().name("jwks-fetch-", 0).factory());
    private final HttpClient client;
    private volatile List<String> told = List.of();

    /** As nimbus holds it. */
    static final class Fetched extends JWKSet {
        private static final long serialVersionUID = 1;
        private final transient KeySet keys;

        private Fetched(KeySet keys) {
            this.keys = keys;
        }

        KeySet keys() {
            return keys;
        }
    }

    /**
     * Nothing is fetched yet.
     *
     * @param name the URL without what may be secret
     * @param patience so long it may take
     * @throws IllegalArgumentException if it is not the URL of a server; the message may have in it what is secret
     */
    JwksFetch(URI url, String name, Optional<JWSAlgorithm> algorithm, Duration patience) {
        this.request = HttpRequest.newBuilder(url).build();
        this.name = name;
        this.algorithm = algorithm;
        this.patience = patience;
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NORMAL)
                .executor(executor).build();
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator evaluator, long now, @Nullable SecurityContext context)
            throws KeySourceException {
        KeySet keys;
        try {
            keys = KeySet.parse(fetch(), algorithm, false);
        } catch (IOException e) {
            throw new JWKSetRetrievalException(reason(e), e);
        } catch (ParseException e) {
            throw new JWKSetParseException("what comes is not a set of keys; " + e.getMessage(), e);
        }
        List<String> before = told;
        told = keys.doubts(name);
        if (!told.equals(before)) {
            told.forEach(doubt -> LOG.log(Level.WARNING, doubt));
        }
        return new Fetched(keys);
    }

    private String fetch() throws IOException {
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(request,
                BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MAX_SIZE));
        try {
            HttpResponse<String> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("the server answers with status " + response.statusCode() + ", where 200 is expected");
            }
            return response.body();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("it takes longer than " + patience, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("it was interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    /** The client's exceptions often have no message. */
    private static String reason(IOException e) {
        return e.getMessage() != null
                ? e.getMessage()
                : e instanceof ConnectException ? "the server cannot be reached" : e.getClass().getSimpleName();
    }

    /** Ends what is under way, and the client's threads; closing twice does nothing. */
    @Override
    public void close() {
        client.shutdownNow();
        try {
            if (!client.awaitTermination(LONGEST_END)) {
                LOG.log(Level.WARNING, "what fetches the keys for tokens does not end, and is left behind");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }
}
