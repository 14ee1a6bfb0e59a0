package dev.ssehub.relay;

import module java.base;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** The server whose event stream a relay reads. One thread connects; any thread may close. */
final class Upstream implements AutoCloseable {
    // Redirects are followed here and not by the client, which would send the headers, and the secrets in them, to any other server.

    private static final System.Logger LOG = System.getLogger(Upstream.class.getName());
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final int MOST_REDIRECTS = 5;
    private static final int MAX_HEADER_FILE = 64 << 10;
    private static final String EVENT_STREAM = "text/event-stream";
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern SECONDS = Pattern.compile("\\s*(\\d{1,9})\\s*");
    /** Of the answers from 400 to 499, these ask to try again. */
    private static final Set<Integer> LATER = Set.of(408, 425, 429);

    private final RelaySettings settings;
    private final HttpClient client;

    /**
     * An event stream.
     *
     * @param isHub whether the server is an sse-hub, so that an event of the type {@code gap} tells of lost events
     * @param knowsPlace {@code false} if the server has said that it does not know the last event of the relay, as Mercure hubs do
     */
    record Stream(Answer answer, boolean isHub, boolean knowsPlace) {}

    Upstream(RelaySettings settings) {
        this.settings = settings;
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT)
                .executor(task -> Thread.ofVirtual().name("relay-client").start(task)).build();
    }

    /**
     * Opens the event stream. Blocks until the server answers.
     *
     * @param place the id of the last event; {@code null} if the relay has received no event yet
     * @throws IOException if the server cannot be reached, or does not give the stream; the message is one sentence without a secret
     */
    Stream open(@Nullable String place) throws IOException, InterruptedException {
        URI url = settings.url();
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<Answer> response = send(request(url, place));
            Answer answer = response.body();
            if (response.statusCode() == 200 && isEventStream(response.headers()) && !isCompressed(response.headers())) {
                Optional<String> known = response.headers().firstValue("Last-Event-ID");
                return new Stream(answer, response.headers().firstValue("Sse-Hub").isPresent(),
                        place == null || known.isEmpty() || known.get().equals(place));
            }
            answer.close();
            Optional<String> location = response.headers().firstValue("Location");
            if (!REDIRECTS.contains(response.statusCode()) || location.isEmpty()) {
                throw refusal(response);
            }
            url = redirected(url, location.get());
        }
        throw new RefusedException("there are more than " + MOST_REDIRECTS + " redirects", false);
    }

    /** The time limit is not that of the request, which later versions of the JDK extend to the body. */
    private HttpResponse<Answer> send(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<Answer>> response = client.sendAsync(request, _ -> new Answer());
        try {
            return response.get(ANSWER_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            var _ = response.thenAccept(late -> late.body().close()); // if it comes before the request is cancelled
            throw new IOException("the server does not answer within " + ANSWER_TIMEOUT.toSeconds() + " seconds", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            String name = cause instanceof ConnectException ? "the server cannot be reached" : cause.getClass().getSimpleName();
            throw new IOException(Objects.requireNonNullElse(cause.getMessage(), name), cause);
        } finally {
            response.cancel(true);
        }
    }

    private HttpRequest request(URI url, @Nullable String place) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url);
        request.setHeader("Accept", EVENT_STREAM).setHeader("Cache-Control", "no-store");
        if (isSameServer(url)) {
            settings.headers().forEach(request::setHeader);
            for (Map.Entry<String, Path> file : settings.headerFiles().entrySet()) {
                setHeader(request, file.getKey(), file.getValue());
            }
        }
        if (place != null) {
            request.setHeader("Last-Event-ID", place);
        }
        return request.build();
    }

    private static void setHeader(HttpRequest.Builder request, String name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            request.setHeader(name, new String(in.readNBytes(MAX_HEADER_FILE), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            throw new RefusedException("the file " + file + " for the header " + name + " cannot be read", false);
        } catch (IllegalArgumentException e) { // its message would show the value
            throw new RefusedException("the file " + file + " for the header " + name + " does not have one line of text", false);
        }
    }

    private boolean isSameServer(URI url) {
        return Objects.equals(url.getScheme(), settings.url().getScheme())
                && Objects.equals(url.getRawAuthority(), settings.url().getRawAuthority());
    }

    private static URI redirected(URI url, String location) throws RefusedException {
        try {
            URI next = url.resolve(location);
            boolean isSafe = "https".equals(next.getScheme())
                    || (next.getScheme().equals("http") && "http".equals(url.getScheme()));
            if (isSafe && next.getHost() != null) {
                return next;
            }
        } catch (IllegalArgumentException _) {
            // it is no URL
        }
        throw new RefusedException("the redirect leads to no URL of http or https, or from https to http", false);
    }

    private static boolean isEventStream(HttpHeaders headers) {
        String type = headers.firstValue("Content-Type").orElse("");
        return type.split(";", 2)[0].strip().equalsIgnoreCase(EVENT_STREAM);
    }

    private static boolean isCompressed(HttpHeaders headers) {
        return headers.firstValue("Content-Encoding").filter(coding -> !coding.strip().equalsIgnoreCase("identity")).isPresent();
    }

    private static IOException refusal(HttpResponse<?> response) {
        int status = response.statusCode();
        String message = "the server answers with status " + status;
        if (status == 200) {
            return new RefusedException(isCompressed(response.headers())
                    ? "the server compresses the stream, although the relay does not ask for it"
                    : message + ", but not with " + EVENT_STREAM, false);
        }
        Matcher after = SECONDS.matcher(response.headers().firstValue("Retry-After").orElse(""));
        if ((status == 503 || status == 429) && after.matches()) {
            return new BusyException(message, Duration.ofSeconds(Long.parseLong(after.group(1))));
        }
        return status == 204 || (status >= 400 && status < 500 && !LATER.contains(status))
                ? new RefusedException(message, status == 204)
                : new IOException(message);
    }

    /** Aborts what is under way. Waits up to two seconds for the client's threads. Closing again does nothing. */
    @Override
    public void close() {
        client.shutdownNow();
        try {
            if (!client.awaitTermination(CLOSE_TIMEOUT)) {
                LOG.log(Level.WARNING,
                        "the HTTP client of the relay of " + settings.place() + " did not stop within two seconds");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
