package dev.ssehub.server;

import module java.base;
import dev.ssehub.tls.PinnedTrust;
import dev.ssehub.tls.TlsFiles;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Checks the health of a running hub. */
public final class HealthProbe {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private HealthProbe() {}

    /**
     * Returns normally if the hub with these settings is healthy. Blocks for a few seconds at most.
     *
     * @throws IOException if the hub is not healthy; the message says why
     */
    public static void check(ServerSettings settings) throws IOException {
        ServerSettings.Observe observing = settings.observe()
                .orElseGet(() -> new ServerSettings.Observe(settings.host(), settings.port()));
        if (observing.port() == 0) {
            throw new IOException((settings.observe().isPresent() ? "sse-hub.observe.port" : "server.port")
                    + " is 0: the hub's port is known from its log only");
        }
        check(observing.host(), observing.port(), settings.tls());
    }

    /**
     * Returns normally if the hub that listens on this address and port is healthy. Blocks for a few seconds at most.
     *
     * @param host the address that the hub listens on; the probe uses localhost if it stands for all addresses of the machine
     * @param tls the files of a hub that speaks TLS; the hub must present this certificate, for whatever name it was issued
     * @throws IOException if the hub is not healthy; the message says why
     */
    static void check(String host, int port, Optional<TlsFiles> tls) throws IOException {
        URI uri = URI.create(HubServer.url(host, port, tls.isPresent()) + ObserveRoutes.LIVE);
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
        if (tls.isPresent()) {
            builder.sslContext(PinnedTrust.of(tls.get().readCertificates().getFirst()));
        }
        try (HttpClient client = builder.build()) {
            int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status / 100 != 2) {
                throw new IOException(uri + " answered " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + uri, e);
        } catch (IOException e) {
            throw explained(e, uri);
        }
    }

    private static IOException explained(IOException e, URI uri) {
        return switch (e) {
            case ProtocolException _ -> new IOException("the server at " + uri + " does not speak HTTP; if it is a hub that "
                    + "speaks TLS, set server.tls.certificate and server.tls.private-key in this configuration, too", e);
            case SSLHandshakeException _ -> e; // the server speaks TLS
            case SSLException _ -> new IOException("the server at " + uri + " does not speak TLS; if it is a hub without "
                    + "TLS, remove server.tls.certificate and server.tls.private-key from this configuration", e);
            default -> e.getMessage() == null ? new IOException("nobody answers at " + uri, e) : e;
        };
    }
}
