package dev.ssehub.keys;

import module java.base;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * Fetches a set of keys from a server. One deadline covers everything from connecting to the last byte of the body, because
 * a slow server must not block the fetching thread. {@link HttpRequest#timeout} would cover only the time until the headers.
 */
final class JwksRetriever implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(JwksRetriever.class.getName());
    private static final int MAX_SIZE = 1 << 20;
    private static final int MAX_PORT = 65_535;
    private static final Pattern LOOPBACK = Pattern.compile("(?i)(.+\\.)?localhost|\\[::1]|127\\.\\d+\\.\\d+\\.\\d+");
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final HttpRequest request;
    private final String place;
    private final Duration deadline;
    private final ExecutorService executor;
    private final HttpClient client;

    /**
     * Creates a retriever, and warns if others can change what it fetches.
     *
     * @param url a URL of http or https
     * @throws IllegalArgumentException if the URL has no host or a wrong port; the message is one sentence without the URL
     */
    JwksRetriever(URI url, Duration deadline) {
        String host = url.getHost();
        if (host == null || url.getPort() > MAX_PORT) {
            throw new IllegalArgumentException("it is a URL without a host or with an impossible port; it must be a URL such as "
                    + "https://example.com/keys");
        }
        this.request = HttpRequest.newBuilder(url).build();
        this.place = url.getScheme() + "://" + host + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath();
        this.deadline = deadline;
        this.executor = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("jwks-fetch-", 0).factory());
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL).executor(executor).build();
        if (url.getScheme().equalsIgnoreCase("http") && !LOOPBACK.matcher(host).matches()) {
            LOG.log(Level.WARNING, "the keys for tokens come from " + place
                    + " over plain http: anyone on the way can replace them");
        }
    }

    /** Returns the URL without the user information and the query, which may be secret. */
    String place() {
        return place;
    }

    /**
     * Fetches the set. Blocks at most until the deadline.
     *
     * @throws IOException if the set cannot be fetched; the message is one sentence without a secret
     */
    byte[] fetch() throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request,
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_SIZE));
        try {
            HttpResponse<byte[]> response = answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw failed("the server answers with status " + response.statusCode() + ", where 200 is expected");
            }
            return response.body();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            String name = cause instanceof ConnectException ? "the server cannot be reached" : cause.getClass().getSimpleName();
            throw failed(Objects.requireNonNullElse(cause.getMessage(), name));
        } catch (TimeoutException _) {
            throw failed("it takes longer than " + deadline);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw failed("it was interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    private IOException failed(String reason) {
        return new IOException(place + " cannot be fetched: "
                + reason.replace(request.uri().toString(), place).replaceAll("\\p{Cntrl}", "?"));
    }

    /** Aborts a fetch, and waits at most two seconds for the client's threads to end. A second call has no effect. */
    @Override
    public void close() {
        client.shutdownNow();
        try {
            if (!client.awaitTermination(CLOSE_TIMEOUT)) {
                LOG.log(Level.WARNING, "the HTTP client that fetches the keys for tokens did not stop within two seconds");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }
}
