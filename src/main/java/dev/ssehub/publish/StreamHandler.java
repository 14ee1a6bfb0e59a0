package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.auth.Token;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.connection.MalformedBodyException;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.thread.Turns;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Publishes the events of a body that is an event stream, each one when it is complete. Any thread may call. */
final class StreamHandler {
    private static final int PIECE = 8 * 1024;
    /** How often the token of a publisher is checked again. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A publisher that is too fast waits in steps, so that its connection does not look idle. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Publish publish;
    private final Supplier<Access> current;
    private final Publishers publishers;
    private final UpdateRules rules;
    private final LimitSettings limits;
    private final BodyBudgets bodies;
    private final HubMetrics metrics;
    private final OpenBodies open;

    /** Publishes an update, and returns the id of its event. */
    interface Publish {
        String publish(Update update, Access.Client client) throws Refusal;
    }

    StreamHandler(Publish publish, Supplier<Access> current, Publishers publishers, UpdateRules rules, LimitSettings limits,
            BodyBudgets bodies, HubMetrics metrics, OpenBodies open) {
        this.publish = publish;
        this.current = current;
        this.publishers = publishers;
        this.rules = rules;
        this.limits = limits;
        this.bodies = bodies;
        this.metrics = metrics;
        this.open = open;
    }

    /** Publishes until the body ends, and answers with the number of events and the last id. What was published stays. */
    void publish(ServerRequest request, ServerResponse response, Access.Client client, ClientAddress address) throws Refusal {
        Form query = query(request);
        Body body = new Body(request, client, address, fields(query), query.has("end"));
        Publishers.requireGrant(client, query.all("topic"));
        try {
            open.read(body);
        } catch (Refusal e) {
            e.limit().ifPresent(metrics::reached);
            response.header(HeaderValues.CONNECTION_CLOSE);
            e.after(body.published()).send(request, response);
            throw new UnreadBodyException("the publisher may still send events");
        } finally {
            body.memory.close();
        }
        response.headers().set(Refusal.TEXT);
        response.send(body.published());
    }

    private Form query(ServerRequest request) throws Refusal {
        try {
            Form query = Form.parse(request.query().rawValue());
            for (String name : List.of("data", "type", "id", "retry")) {
                if (query.has(name)) {
                    throw new IllegalArgumentException(
                            "the field " + name + " belongs to the events of the body, not to the query");
                }
            }
            rules.update(query.with(Map.of("data", ""))); // refuses wrong topics before the first event
            return query;
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    /** Returns the fields that all events have. */
    private static Form fields(Form query) {
        Form fields = Form.of(Map.of("topic", query.all("topic")));
        return query.has("private") ? fields.with(Map.of("private", "")) : fields;
    }

    /** Carries a refusal out of the parser. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Refusal refusal;

        Refused(Refusal refusal) {
            super(refusal);
            this.refusal = refusal;
        }
    }

    /** One body. For the thread of its connection. */
    private final class Body implements OpenBodies.Body {
        private final ServerRequest request;
        private final ClientAddress address;
        private final Form all;
        private final boolean ends;
        private final BodyBudgets.Body memory;
        private Access.Client client;
        private long checked = publishers.nanoTime();
        private int events;
        private String lastId = "";
        /** The id that the publisher has given to the last event; empty if it has given none. */
        private String ownId = "";

        /**
         * @param all the fields that all events have
         * @param ends whether the end of the body ends the topics
         */
        Body(ServerRequest request, Access.Client client, ClientAddress address, Form all, boolean ends) {
            this.request = request;
            this.client = client;
            this.address = address;
            this.all = all;
            this.ends = ends;
            this.memory = bodies.of(address, client.token().isPresent());
        }

        String published() {
            return "events: " + events + "\n" + (events == 0 ? "" : "last-id: " + lastId + "\n");
        }

        @Override
        public void read() throws Refusal {
            EventStreamParser parser = new EventStreamParser(limits.maxPublishSize(), this::publish);
            byte[] piece = new byte[PIECE];
            InputStream in = request.content().inputStream(); // closing it would read the body to its end
            try {
                for (int length = next(in, piece); length > 0; length = next(in, piece)) {
                    parser.take(piece, length);
                    memory.close();
                    if (!memory.take(parser.size())) {
                        throw PublishBody.noMemory();
                    }
                }
                parser.end();
                if (ends) {
                    publish(end());
                }
            } catch (Refused e) {
                throw e.refusal;
            } catch (IllegalArgumentException e) {
                throw Refusal.badRequest(e);
            } catch (MalformedBodyException e) {
                throw new Refusal(Status.BAD_REQUEST_400, e.sentence());
            } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
                throw new CloseConnectionException("the publisher disconnected before the end of its request", e);
            }
        }

        /**
         * Returns the update that ends the topics. If the last event has an id of its publisher, so has the end, so that a publisher can
         * send the body again.
         */
        private Update end() {
            String id = ownId + "/end";
            Form end = all.with(Map.of("type", "end", "end", ""));
            return rules.update(ownId.isEmpty() || id.length() > limits.maxNameLength() ? end : end.with(Map.of("id", id)));
        }

        private int next(InputStream in, byte[] piece) throws IOException {
            HubConnection.extend(limits.publishIdleTimeout());
            return in.read(piece);
        }

        private void publish(Map<String, String> fields) {
            publish(rules.update(all.with(fields)));
            ownId = fields.getOrDefault("id", "");
        }

        private void publish(Update update) {
            try {
                awaitTurn();
                lastId = publish.publish(update, client());
                events++;
            } catch (Refusal e) {
                throw new Refused(e);
            } catch (HistoryUnavailableException | HubClosedException e) {
                throw new Refused(new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())));
            }
        }

        /** A token can expire, or be revoked, before the body ends. */
        private Access.Client client() throws Refusal {
            boolean hasExpired = client.token().flatMap(Token::expires).map(end -> !Instant.now().isBefore(end)).orElse(false);
            if (client.token().isPresent() && (hasExpired || publishers.nanoTime() - checked > CHECK_NANOS)) {
                client = current.get().publisher(request);
                checked = publishers.nanoTime();
            }
            return client;
        }

        /** A publisher that is too fast is slowed down, because it cannot read an answer before the body ends. */
        private void awaitTurn() {
            for (Duration wait = publishers.take(client, address); wait.isPositive(); wait = publishers.take(client, address)) {
                Duration pause = wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE;
                Turns.withoutTurn(() -> LockSupport.parkNanos(pause.toNanos()));
                if (Thread.currentThread().isInterrupted()) {
                    throw new CloseConnectionException(
                            "the hub stops, or closes the connection, while the publisher is slowed down");
                }
                HubConnection.extend(limits.publishIdleTimeout());
            }
        }
    }
}
