package dev.ssehub.server;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import dev.ssehub.tls.PinnedTrust;
import dev.ssehub.tls.TlsFiles;

/** Asks a running hub whether it is up. */
public final class HealthProbe {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private HealthProbe() {}

    /**
     * Returns if the hub that listens on this address and port is healthy. An address that stands for all of the machine is
     * asked on the loopback address. One that speaks TLS must have the certificate in this file, for whatever name. Blocks for a
     * few seconds at most.
     *
     * @throws IOException if it is not; the message says why
     */
    public static void check(String host, int port, Optional<TlsFiles> tls) throws IOException {
        if (port == 0) {
            throw new IOException("server.port is 0, so that nobody but the hub's log knows its port");
        }
        URI uri = URI.create(HubServer.url(host, port, tls.isPresent()) + HubServer.HEALTH_PATH);
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE);
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
            case ProtocolException _ -> new IOException("what answers at " + uri + " does not speak HTTP; if it is a hub that "
                    + "speaks TLS, this configuration lacks its server.tls.certificate and server.tls.private-key", e);
            case SSLHandshakeException _ -> e; // it speaks TLS
            case SSLException _ -> new IOException("what answers at " + uri + " does not speak TLS; if it is a hub without, this "
                    + "configuration should not name a server.tls.certificate and a server.tls.private-key", e);
            default -> e.getMessage() == null ? new IOException("nobody answers at " + uri, e) : e;
        };
    }
}
