package dev.ssehub.mercure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import dev.ssehub.auth.Token;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.limit.PublishRate;
import dev.ssehub.metrics.Limit;
import dev.ssehub.server.Routes;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Takes what is published, for all endpoints of a hub. Any thread may call. */
public final class PublishHandler {

    private static final Pattern FORM = Pattern.compile("application/x-www-form-urlencoded\\s*(;\\s*charset=\"?utf-8\"?\\s*)?",
            Pattern.CASE_INSENSITIVE);

    private static final int PIECE = 8 * 1024;

    private final Hub hub;
    private final Access access;
    private final LimitSettings limits;
    private final PublishRate<String> rateOfTokens;
    private final PublishRate<ClientAddress> rateOfAddresses;
    private final BodyBudgets bodies;

    public PublishHandler(Hub hub, Access access, LimitSettings limits) {
        this.hub = hub;
        this.access = access;
        this.limits = limits;
        this.rateOfTokens = new PublishRate<>(limits.publishesPerToken());
        this.rateOfAddresses = new PublishRate<>(limits.publishesPerAddress());
        this.bodies = new BodyBudgets(limits.maxPendingSize(), limits.maxPublishSize());
    }

    /** Publishes, and answers with the id. */
    void publish(ServerRequest request, ServerResponse response) throws Refusal {
        requireForm(request);
        int size = size(request);
        ClientAddress address = HubConnection.place().client(request.headers().values(HeaderNames.X_FORWARDED_FOR)).network();
        Access.Client client = client(request, address);
        if (!client.mayPublishAnything()) {
            throw client.mayNot("publish anything"); // whatever is in the body, which need not be read for that
        }
        String id = hub.publish(update(client, read(request, size, address, client.token().isPresent())));
        response.headers().contentType(Refusal.TEXT);
        response.send(id);
    }

    private static void requireForm(ServerRequest request) throws Refusal {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!FORM.matcher(type).matches()) {
            throw new Refusal(Status.UNSUPPORTED_MEDIA_TYPE_415, "the Content-Type must be application/x-www-form-urlencoded, "
                    + "in UTF-8, not " + (type.isEmpty() ? "missing" : type));
        }
    }

    /** What is too large is not kept, but the server reads it to the end, or the answer could be lost. */
    private int size(ServerRequest request) throws Refusal {
        long size = request.headers().contentLength().orElse(0);
        if (size > limits.maxPublishSize()) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                    "a request to publish may have " + limits.maxPublishSize() + " bytes, not " + size, Limit.PUBLISH_SIZE);
        }
        return (int) size;
    }

    /** A token that is not accepted counts for the address. */
    private Access.Client client(ServerRequest request, ClientAddress address) throws Refusal {
        Access.Client client;
        try {
            client = access.publisher(request);
        } catch (Refusal e) {
            takeOfAddress(address);
            throw e;
        }
        if (client.token().isEmpty()) {
            takeOfAddress(address);
            return client;
        }
        Token token = client.token().get();
        Duration wait = rateOfTokens.take(token.fingerprint());
        if (wait.isPositive()) {
            throw Refusal.tooMany("a token may publish " + limits.publishesPerToken() + " times a second",
                    Limit.PUBLISHES_PER_TOKEN, wait);
        }
        return client;
    }

    private void takeOfAddress(ClientAddress address) throws Refusal {
        Duration wait = rateOfAddresses.take(address);
        if (wait.isPositive()) {
            throw Refusal.tooMany("without a token, an address may publish " + limits.publishesPerAddress() + " times a second",
                    Limit.PUBLISHES_PER_ADDRESS, wait);
        }
    }

    private byte[] read(ServerRequest request, int size, ClientAddress address, boolean hasToken) throws Refusal {
        ByteArrayOutputStream body = new ByteArrayOutputStream(Math.min(size, PIECE));
        int taken = 0;
        try {
            InputStream in = request.content().inputStream();
            byte[] piece = new byte[Math.min(size, PIECE)];
            for (int read = in.read(piece); read > 0; read = in.read(piece)) {
                if (!bodies.take(address, hasToken, read)) {
                    throw new Refusal(Status.SERVICE_UNAVAILABLE_503, "too much is being published at this moment",
                            Limit.PENDING_SIZE);
                }
                taken += read;
                body.write(piece, 0, read);
            }
            return body.toByteArray();
        } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the publisher left in the middle of its request", e);
        } finally {
            bodies.giveBack(address, hasToken, taken);
        }
    }

    private Update update(Access.Client client, byte[] body) throws Refusal {
        Update update;
        try {
            update = PublishForm.parse(Form.parse(body), limits.maxNameLength());
        } catch (IllegalArgumentException e) {
            throw new Refusal(Status.BAD_REQUEST_400, e);
        }
        if (update.size() > 2L * limits.maxPublishSize()) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413,
                    "as an event, with a field name before each line, it would have "
                            + update.size() + " bytes; it may have " + 2L * limits.maxPublishSize(),
                    Limit.PUBLISH_SIZE);
        }
        if (update.topics().stream().anyMatch(topic -> topic.startsWith(Routes.MERCURE + "/"))) {
            throw new Refusal(Status.FORBIDDEN_403,
                    "topics that begin with " + Routes.MERCURE + "/ are the hub's own, nobody else publishes to them");
        }
        List<String> closed = update.topics().stream().filter(topic -> !client.mayPublish(topic)).toList();
        if (!closed.isEmpty()) {
            throw client.mayNot("publish to " + String.join(", ", closed));
        }
        return update;
    }
}
